//! Encoders: one for each sink that text may leave through.

pub mod html;
pub mod markdown;
pub mod search_term;
pub mod terminal;
#[cfg(test)]
mod tests;

/// Characters that show nothing, or that change how their neighbours are shown: zero-width and joiners, bidirectional
/// controls, tag characters, variation selectors, fillers, the byte order mark.
pub const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// One line without control characters: line breaks and tabs become blanks, other controls and invisible characters
/// become visible escapes, and runs of blanks become one.
pub(crate) fn one_line(text: &str) -> String {
    if is_plain_line(text) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else if c.is_control() || is_invisible(c) {
            line.push_str(&escape(c));
        } else {
            line.push(c);
        }
    }
    line.trim().to_owned()
}

/// Whether a text is one line of printable ASCII as it is, as most are.
fn is_plain_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let printable = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    printable && !text.starts_with(' ') && !text.ends_with(' ') && !bytes.windows(2).any(|two| two == b"  ")
}

/// `\u{1b}` as five visible characters.
pub(crate) fn escape(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}
