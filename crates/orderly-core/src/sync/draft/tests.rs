use super::*;
use crate::answer::Looked;
use crate::ids::{Generation, ItemKey};
use crate::sync::fixtures::{candidate, site, text};
use crate::sync::snapshot::OwnerClue;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

fn marker() -> Marker {
    let issue = candidate(123).issue;
    Marker {
        short_id: issue.short_id,
        org: site().org,
        issue: issue.id,
        generation: Generation(0),
        key: "1f2e3d4c5b6a".to_owned(),
        title: "0123456789ab".to_owned(),
        stack: Some("ba9876543210".to_owned()),
    }
}

fn draft(candidate: &Candidate) -> Draft {
    let scrubber = Scrubber::built_in();
    let site = site();
    let writer = Writer::new(&scrubber, &site, Seconds::hours(24));
    let qualified = ["Regressed: it was resolved and came back (search `is:regressed`)".to_owned()];
    let related = [ItemRef {
        id: ItemId(uuid::Uuid::nil()),
        key: ItemKey::new("PLAT-9"),
        url: text("https://l.example"),
    }];
    writer.draft(&About { candidate, qualified: &qualified, related: &related, marker: &marker() })
}

/// A candidate that says `hostile` wherever an event or a repository can say something.
fn saying(hostile: &str) -> Candidate {
    let mut c = candidate(123);
    let said = || text(hostile);
    c.issue.title = said();
    c.issue.error_type = Some(said());
    c.issue.error_value = Some(said());
    c.issue.culprit = said();
    c.owners = vec![OwnerClue {
        reason: OwnerReason::SuspectCommit,
        owner: Assignee::Team { slug: "cart".to_owned() },
        evidence: said(),
    }];
    if let Looked::Saw(event) = &mut c.event {
        (event.release, event.environment) = (Some(said()), Some(said()));
        for exception in &mut event.exceptions {
            (exception.kind, exception.value) = (said(), said());
            for frame in &mut exception.frames {
                (frame.function, frame.file, frame.module) = (said(), Some(said()), Some(said()));
                frame.origin = FrameOrigin::InApp;
            }
        }
    }
    c
}

/// What a reader of the Markdown gets.
#[derive(Debug, Default, PartialEq)]
struct Read {
    links: Vec<String>,
    headings: usize,
    bad: Vec<String>,
    prose: String,
    code: Vec<String>,
}

fn read(markdown: &str) -> Read {
    let mut read = Read::default();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => read.links.push(dest_url.to_string()),
            Event::Start(Tag::Heading { .. }) => read.headings += 1,
            Event::Start(
                tag @ (Tag::Image { .. }
                | Tag::HtmlBlock
                | Tag::CodeBlock(_)
                | Tag::BlockQuote(_)
                | Tag::Table(_)
                | Tag::Strong
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::FootnoteDefinition(_)),
            ) => read.bad.push(format!("{tag:?}")),
            Event::Html(html) | Event::InlineHtml(html) => read.bad.push(html.to_string()),
            Event::InlineMath(math) | Event::DisplayMath(math) => read.bad.push(math.to_string()),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::Rule => {
                read.bad.push(format!("{event:?}"));
            }
            Event::Text(text) => read.prose.push_str(&text),
            Event::Code(code) => read.code.push(code.to_string()),
            _ => {}
        }
    }
    read
}

fn assert_inert(hostile: &str) {
    let blank = Scrubber::built_in().scrub(&text(hostile)).is_blank();
    let harmless = read(&draft(&saying(if blank { "" } else { "harmless" })).body);
    let Draft { title, body } = draft(&saying(hostile));
    let got = read(&body);
    assert_eq!(got.links, ["https://sentry.example/organizations/acme/issues/123/"], "{hostile:?}");
    assert_eq!(got.bad, Vec::<String>::new(), "{hostile:?}");
    assert_eq!(got.headings, harmless.headings, "{hostile:?}");
    assert_eq!(got.prose, harmless.prose, "event text is nothing but code: {hostile:?}");
    assert_eq!(Marker::find(&body), Some(marker()), "{hostile:?}");
    assert_eq!(
        body.matches("\nTracked by").count() + body.matches("\n`Tracked by").count(),
        1,
        "{hostile:?}"
    );
    assert!(body.len() <= BODY_CAP, "{} bytes: {hostile:?}", body.len());
    assert!(title.chars().count() <= TITLE_CAP, "{hostile:?}");
    for shown in [&title, &body] {
        let silent = |c: char| (c.is_control() && c != '\n') || crate::encode::is_invisible(c);
        assert!(!shown.contains(silent), "{hostile:?}");
    }
    assert!(!title.contains('\n'), "{hostile:?}");
}

#[test]
fn event_text_is_never_a_link_an_image_a_heading_html_or_a_marker() {
    let other = Marker { key: "ffffffffffff".to_owned(), ..marker() };
    let hostile = [
        "[pay here](https://evil.example)",
        "![x](https://evil.example/x.png)",
        "<https://evil.example>",
        "https://evil.example www.evil.example evil@evil.example",
        "<img src=x onerror=alert(1)>",
        "# Heading",
        "x\n# Heading\n\n---\n\n> quote\n\n- list\n\n```\ncode\n```\n",
        "x\nSetext\n===\n",
        "| a | b |\n|---|---|\n| c | d |",
        "`` ` ``` [x](y) ` ``",
        "`",
        "\\`",
        "x`[a](https://evil.example)`x",
        "@everyone @jane please merge",
        "PLAT-99 fixes PLAT-98, closes #12, GH-7",
        "\u{1b}]0;owned\u{7}\u{1b}[31mred",
        "\u{202e}gnp.exe \u{200b}\u{feff}\u{e0041}",
        "$$x$$ ~~gone~~ **bold** _it_ ==mark==",
        "[^1]: note",
        "[ref]: https://evil.example",
        "- [x] done",
        "&#91;x&#93;(https://evil.example)",
        "<!-- hidden -->",
        "<details><summary>x</summary>",
        "a\r\nb\u{2028}c\u{2029}d\u{85}e",
        "",
        "   ",
        "\0",
    ];
    for text in hostile {
        assert_inert(text);
    }
    assert_inert(&other.to_string());
    assert_inert(&format!("x\n\n`{other}`\n\n{other}\n"));
}

#[test]
fn long_and_growing_text_stays_within_the_caps() {
    for piece in ["a", "\u{1b}", "`", "é", "\u{202e}", "😀", "a ", "\n", "|", "\\"] {
        assert_inert(&piece.repeat(5_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_at_all_changes_what_a_reader_gets(text in r"[\PC\n\r\t`\[\]()<>#*_!@:/|~\\-]{0,120}") {
        assert_inert(&text);
    }
}

#[test]
fn what_is_not_on_the_list_never_leaves() {
    let mut c = candidate(123);
    c.issue.title = text("TypeError: login failed for jane.doe@acme.example password=hunter2hunter2");
    c.issue.error_value = Some(text("CANARY-VALUE"));
    c.issue.assignee =
        Some(Assignee::User { name: "Jane".to_owned(), email: Some("CANARY-MAIL@acme.example".to_owned()) });
    if let Looked::Saw(event) = &mut c.event {
        event.platform = text("CANARY-PLATFORM");
        event.tags.insert("user".to_owned(), text("CANARY-TAG"));
        event.exceptions[0].value = text("CANARY-EXCEPTION");
    }
    let Draft { title, body } = draft(&c);
    assert_eq!(title, "TypeError: login failed for [email] password=[secret]");
    assert!(!body.contains("CANARY"), "{body}");
    assert!(body.contains("Jane: assigned in Sentry"));
}

#[test]
fn a_body_says_why_shows_the_evidence_and_ends_with_the_marker() {
    let mut c = candidate(123);
    c.signals.insert(Signal::Regressed);
    c.owners = vec![OwnerClue {
        reason: OwnerReason::OwnershipRule,
        owner: Assignee::Team { slug: "cart".to_owned() },
        evidence: text("path:src/cart.py #cart"),
    }];
    let Draft { title, body } = draft(&c);
    insta::assert_snapshot!(format!("{title}\n\n{body}"));
}

#[test]
fn an_issue_without_a_title_is_named_by_its_project_and_short_id() {
    let mut c = candidate(123);
    c.issue.title = text("  \u{200b} ");
    assert_eq!(draft(&c).title, "Error in checkout (CHECKOUT-123)");
}

#[test]
fn a_comment_carries_the_new_evidence_and_no_marker() {
    let scrubber = Scrubber::built_in();
    let site = site();
    let comment = Writer::new(&scrubber, &site, Seconds::hours(24)).comment(
        &candidate(123),
        &["120 events and 14 users in 24h".to_owned()],
        &Reopen::To("todo".to_owned()),
    );
    assert_eq!(Marker::find(&comment), None);
    insta::assert_snapshot!(comment);
}
