//! Short texts in one piece of memory: an event has dozens of them, and lives on in a queue until it is filed.

/// A list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Texts {
    /// Adds one.
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
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

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Self {
        let texts = texts.into_iter();
        let mut list = Self { all: String::new(), ends: Vec::with_capacity(texts.size_hint().0) };
        texts.for_each(|text| list.push(text));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_comes_back_as_it_was() {
        let sent = ["", "é", "", "two words", ""];
        let texts: Texts = sent.into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), sent);
        assert_eq!(Texts::default().iter().next(), None);
    }
}
