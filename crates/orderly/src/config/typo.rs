//! The nearest name to one that is not known.

/// The known name that a person most likely meant, if any is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Finds in the message of a failed read ("unknown field `x`, expected one of `y`, `z`") the unknown name and the
/// nearest known one.
pub fn explain(message: &str) -> Option<(String, String)> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next()?;
    let known: Vec<&str> = names.collect();
    nearest(unknown, known).map(|name| (unknown.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_gets_the_nearest_name() {
        let message = "unknown field `max_create`, expected one of `pool`, `max_creates`, `mode`";
        assert_eq!(explain(message), Some(("max_create".into(), "max_creates".into())));
        assert_eq!(nearest("zzz", ["pool", "mode"]), None);
    }
}
