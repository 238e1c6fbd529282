//! Text and addresses of strangers on pages for people.

/// Whether a character hides or reorders what stands beside it, or is no text at all.
pub(crate) fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || (letter.is_control() && !matches!(letter, '\n' | '\t'))
}

/// Whether an address may become a link: it may also hold `javascript:` or anything else.
pub(crate) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
