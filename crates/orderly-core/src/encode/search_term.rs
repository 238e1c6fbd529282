//! For a Sentry search: a value that cannot become an operator.

/// A quoted search value. Quotes and backslashes are escaped, wildcards are escaped, line breaks become blanks.
pub fn quoted(value: &str) -> String {
    let mut term = String::with_capacity(value.len() + 2);
    term.push('"');
    for c in super::one_line(value).chars() {
        if matches!(c, '"' | '\\' | '*') {
            term.push('\\');
        }
        term.push(c);
    }
    term.push('"');
    term
}
