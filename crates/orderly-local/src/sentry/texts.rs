//! Short texts side by side: an event has dozens of them, and lives on in a queue until it is filed.

/// A list of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Texts {
    /// These, in this order.
    pub fn of<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Self {
        let mut all = String::with_capacity(texts.clone().map(str::len).sum());
        let mut ends = Vec::with_capacity(texts.clone().count());
        for text in texts {
            all.push_str(text);
            ends.push(all.len());
        }
        Self { all, ends }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| &self.all[std::mem::replace(&mut start, *end)..*end])
    }

    /// About how many bytes of memory they take.
    pub fn size(&self) -> usize {
        self.all.len() + self.ends.len() * size_of::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_comes_back_as_it_was() {
        let sent = ["", "é", "", "two words", ""];
        let texts = Texts::of(sent.into_iter());
        assert_eq!(texts.iter().collect::<Vec<_>>(), sent);
        assert_eq!(Texts::of([].into_iter()).iter().next(), None);
    }
}
