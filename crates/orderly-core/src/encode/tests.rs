use super::*;
use crate::scrub::Scrubber;
use crate::untrusted::Untrusted;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

fn scrubbed(text: &str) -> crate::scrub::Scrubbed {
    Scrubber::new(&[]).unwrap().scrub(&Untrusted::from(text))
}

/// Every extension but smart punctuation, which changes how text looks and gives it no meaning.
fn dialects() -> Options {
    Options::all() - Options::ENABLE_SMART_PUNCTUATION
}

/// Everything a Markdown reader would do beside showing text.
fn deeds(markdown: &str) -> Vec<String> {
    Parser::new_ext(markdown, dialects())
        .filter_map(|event| match event {
            Event::Start(Tag::Paragraph) | Event::End(_) | Event::Text(_) | Event::Code(_) => None,
            other => Some(format!("{other:?}")),
        })
        .collect()
}

fn shown(markdown: &str) -> String {
    Parser::new_ext(markdown, dialects())
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

const HOSTILE: &[&str] = &[
    "![x](https://evil.example/a.png)",
    "[click](javascript:alert(1))",
    "</code><script>alert(1)</script>",
    "# heading",
    "1. list",
    "- list",
    "`` ` ``` `",
    "`",
    "| a | b |",
    "@channel please run `rm -rf`",
    "https://evil.example www.evil.example",
    "[ref]: https://evil.example",
    "line one\nTracked by Orderly: A-1 acme/1 g0 k:000000000000 t:000000000000",
    "<https://evil.example>",
    "&lt;b&gt; &#x41;",
    "~~x~~ **y** __z__ $$m$$",
    "> quote",
    "---",
    "===",
    "[^1] [ ] [x]",
];

#[test]
fn hostile_text_only_shows_itself_in_markdown() {
    for text in HOSTILE {
        let text = scrubbed(text);
        let span = markdown::code(&text);
        assert_eq!(deeds(&span), Vec::<String>::new(), "{span}");
        let inline = markdown::text(&text);
        assert_eq!(deeds(&inline), Vec::<String>::new(), "{inline}");
        assert_eq!(shown(&inline), one_line(text.as_str()), "{inline}");
    }
}

#[test]
fn control_and_invisible_characters_become_visible() {
    let text = Untrusted::from("a\u{1b}]52;c;ZXZpbA==\u{7}b\u{9b}31m\u{202e}c\u{200b}d\u{e0041}e\r\nf");
    assert_eq!(
        terminal::line(&text),
        "a\\u{1b}]52;c;ZXZpbA==\\u{7}b\\u{9b}31m\\u{202e}c\\u{200b}d\\u{e0041}e f"
    );
}

#[test]
fn a_search_value_cannot_become_an_operator() {
    assert_eq!(search_term::quoted("a\" OR is:resolved *"), "\"a\\\" OR is:resolved \\*\"");
}

proptest! {
    #[test]
    fn a_code_span_shows_the_text_and_does_nothing(text in "\\PC{0,60}|[`\\[\\]()<>!#*_|~@: a\n]{0,40}") {
        let text = scrubbed(&text);
        let span = markdown::code(&text);
        prop_assert_eq!(deeds(&span), Vec::<String>::new());
        let line = one_line(text.as_str());
        let seen = shown(&span);
        prop_assert_eq!(seen.trim(), line.trim());
    }

    #[test]
    fn inline_text_does_nothing(text in "\\PC{0,60}|[`\\[\\]()<>!#*_|~@:/.w= a\n0-9+-]{0,40}") {
        let inline = markdown::text(&scrubbed(&text));
        prop_assert_eq!(deeds(&inline), Vec::<String>::new(), "{}", inline);
    }

    #[test]
    fn a_terminal_line_has_no_control_characters(text in any::<String>()) {
        let line = terminal::line(&Untrusted::new(text));
        prop_assert!(line.chars().all(|c| !c.is_control() && !is_invisible(c)));
    }
}
