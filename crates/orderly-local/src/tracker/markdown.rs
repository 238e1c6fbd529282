//! Markdown as the tracker keeps it: inline links read back with their target in angle brackets.

use std::sync::LazyLock;

use regex::Regex;

/// `[text](https://target)` becomes `[text](<https://target>)`, except in code.
pub fn stored(markdown: &str) -> String {
    let mut fenced = false;
    let mut stored = String::with_capacity(markdown.len());
    for line in markdown.split_inclusive('\n') {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        if fence {
            fenced = !fenced;
        }
        if fence || fenced {
            stored.push_str(line);
        } else {
            stored.push_str(&without_code(line));
        }
    }
    stored
}

/// Rewrites the parts of a line that are not between backticks.
fn without_code(line: &str) -> String {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\]\((https?://[^\s()<>]+)\)").expect("the pattern is constant and tested")
    });
    line.split('`')
        .enumerate()
        .map(|(part, text)| match part % 2 {
            0 => LINK.replace_all(text, "](<$1>)"),
            _ => text.into(),
        })
        .collect::<Vec<_>>()
        .join("`")
}

#[cfg(test)]
mod tests {
    use super::stored;

    #[test]
    fn links_are_rewritten_outside_code_only_and_only_once() {
        let cases = [
            ("[a](https://x/1)", "[a](<https://x/1>)"),
            ("[a](<https://x/1>)", "[a](<https://x/1>)"),
            ("![i](http://x/i.png) and [b](https://y)", "![i](<http://x/i.png>) and [b](<https://y>)"),
            ("`[a](https://x)` [b](https://y)", "`[a](https://x)` [b](<https://y>)"),
            ("```\n[a](https://x)\n```\n[b](https://y)", "```\n[a](https://x)\n```\n[b](<https://y>)"),
            ("bare https://x/1 stays", "bare https://x/1 stays"),
            ("[a](/relative) [b](mailto:x@y)", "[a](/relative) [b](mailto:x@y)"),
            ("", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(stored(given), expected);
            assert_eq!(stored(expected), expected, "storing twice changes nothing");
        }
    }
}
