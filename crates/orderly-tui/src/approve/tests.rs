use super::draw::draw;
use super::state::{Pane, Room, State, Turn, units};
use crate::keys::Key;
use crate::palette::Palette;
use orderly_core::diagnose::FrameOrigin;
use orderly_core::ids::{IssueId, ProjectSlug, ShortId};
use orderly_core::rank::{Factor, Part, Score};
use orderly_core::sync::snapshot::Level;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::triage::{Choice, FrameView, RowView, TABLE_VERSION, TableView, Totals};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeSet;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_763_000_000 + second).expect("it is in range")
}

fn row(number: u32, title: &str) -> RowView {
    RowView {
        number,
        id: IssueId(u64::from(number)),
        short_id: ShortId::new(format!("BACKEND-{number}")),
        project: ProjectSlug::new("backend"),
        level: Level::Error,
        events: 1200 / u64::from(number),
        users: 74 / u64::from(number),
        first_seen: at(0),
        last_seen: at(90_000),
        platform: Some("python".to_owned()),
        title: title.to_owned(),
        permalink: format!("https://sentry.example/organizations/acme/issues/{number}/"),
        score: Score {
            total: 31,
            parts: vec![Part { factor: Factor::Users, points: 19, because: "74 users".to_owned() }],
        },
        guarded: None,
        left_to_a_person: None,
        related: Vec::new(),
        diagnosis: vec![
            "Where: average crashed in orders.py:5 [frame 1 of exception 1]".to_owned(),
            "Why: a division by zero [exception 1, rule python/zero]".to_owned(),
        ],
        trace: vec![
            FrameView {
                place: "average in orders.py:5".to_owned(),
                origin: FrameOrigin::InApp,
                source: vec![
                    (4, "def average(prices):".to_owned()),
                    (5, "    return sum(prices) / len(prices)".to_owned()),
                ],
                line: Some(5),
            },
            FrameView {
                place: "serve in flask/app.py:88".to_owned(),
                origin: FrameOrigin::Library,
                source: Vec::new(),
                line: Some(88),
            },
        ],
    }
}

/// Five rows: the second is left to a person, the third and the fifth are one unit.
fn view() -> TableView {
    let mut rows = vec![
        row(1, "ZeroDivisionError: division by zero"),
        row(2, "PaymentError: card was charged twice by the provider, and the second charge is not refunded"),
        row(3, "KeyError: 'customer'"),
        row(4, "TimeoutError: 支払いゲートウェイ did not answer"),
        row(5, "KeyError: 'order'"),
    ];
    rows[1].left_to_a_person = Some("legal works on it".to_owned());
    rows[2].related = vec![5];
    rows[4].related = vec![3];
    rows[3].diagnosis.clear();
    rows[3].trace.clear();
    TableView {
        version: TABLE_VERSION,
        digest: orderly_core::digest::of_bytes(b"a table"),
        made_at: at(100_000),
        org: "acme".to_owned(),
        window: Seconds::days(14),
        totals: Totals { listed: 12, shown: 5, hidden: 7, ..Totals::default() },
        rows,
        hidden: Vec::new(),
        gaps: Vec::new(),
    }
}

const ROOM: Room = Room { rows: 2, lines: 5, most_scroll: 7 };

/// Presses keys one after the other; ends where the screen is left.
fn press(keys: &str) -> Turn {
    let rows = view().rows;
    let mut state = State::default();
    for word in keys.split_whitespace() {
        let key = match word {
            "up" => Key::Up,
            "down" => Key::Down,
            "pgdn" => Key::PageDown,
            "pgup" => Key::PageUp,
            "home" => Key::Home,
            "end" => Key::End,
            "enter" => Key::Enter,
            "esc" => Key::Escape,
            "left" => Key::Left,
            "right" => Key::Right,
            "int" => Key::Interrupt,
            "space" => Key::Char(' '),
            other => Key::Char(other.chars().next().expect("a word has a character")),
        };
        match state.press(key, &rows, ROOM) {
            Turn::Stay(next) => state = next,
            left @ Turn::Leave(_) => return left,
        }
    }
    Turn::Stay(state)
}

fn stays(keys: &str) -> State {
    match press(keys) {
        Turn::Stay(state) => state,
        Turn::Leave(choice) => panic!("{keys} leaves with {choice:?}"),
    }
}

fn numbers(of: &[u32]) -> BTreeSet<u32> {
    of.iter().copied().collect()
}

#[test]
fn the_cursor_moves_by_rows_and_pages_and_stays_on_the_table() {
    for (keys, cursor) in [
        ("", 0),
        ("down", 1),
        ("j j", 2),
        ("j k", 0),
        ("up", 0),
        ("pgdn", 2),
        ("pgdn pgdn pgdn", 4),
        ("end", 4),
        ("G down", 4),
        ("G pgup", 2),
        ("G g", 0),
        ("end home", 0),
        ("enter n n", 2),
        ("enter n p p", 0),
    ] {
        assert_eq!(stays(keys).cursor, cursor, "{keys}");
    }
}

#[test]
fn rows_are_marked_and_unmarked_but_never_those_that_are_left_to_a_person() {
    for (keys, marked) in [
        ("space", &[1][..]),
        ("space space", &[]),
        ("space j j j space", &[1, 4]),
        ("j space", &[]),
        ("a", &[1, 3, 4, 5]),
        ("a a", &[]),
        ("space a", &[1, 3, 4, 5]),
        ("j j u", &[3, 5]),
        ("G u", &[3, 5]),
        ("j u", &[]),
        ("enter n n space esc", &[3]),
    ] {
        assert_eq!(stays(keys).marked, numbers(marked), "{keys}");
    }
    assert_eq!(stays("j space").said.as_deref(), Some("BACKEND-2 is left to a person: legal works on it"));
    assert!(stays("j j space").said.is_some_and(|said| said.contains("u marks them")));
    assert_eq!(stays("j space k").said, None, "what was said is said once");
    assert_eq!(units(&numbers(&[1, 3, 5]), &view().rows), 2);
    assert_eq!(units(&numbers(&[5]), &view().rows), 1);
}

#[test]
fn the_preview_opens_scrolls_within_its_lines_and_begins_anew_on_another_row() {
    for (keys, pane, scroll) in [
        ("enter", Pane::Preview, 0),
        ("right esc", Pane::List, 0),
        ("l left", Pane::List, 0),
        ("enter down down", Pane::Preview, 2),
        ("enter pgdn", Pane::Preview, 5),
        ("enter pgdn pgdn", Pane::Preview, 7),
        ("enter end up", Pane::Preview, 6),
        ("enter end home", Pane::Preview, 0),
        ("J J K", Pane::List, 1),
        ("J j", Pane::List, 0),
        ("enter down n", Pane::Preview, 0),
        ("?", Pane::Help, 0),
        ("? x", Pane::List, 0),
    ] {
        let state = stays(keys);
        assert_eq!((state.pane, state.scroll), (pane, scroll), "{keys}");
    }
}

#[test]
fn only_a_confirmed_choice_is_one_and_every_other_way_out_chooses_nothing() {
    for keys in
        ["q", "esc", "int", "a q", "a esc", "a int", "a c int", "enter q", "? int", "a enter q", "a c n q"]
    {
        assert_eq!(press(keys), Turn::Leave(Choice::Skip), "{keys}");
    }
    for keys in ["space c y", "space c enter", "space c n c y", "enter space c y", "a a space c y"] {
        assert_eq!(press(keys), Turn::Leave(Choice::Numbers(numbers(&[1]))), "{keys}");
    }
    for keys in ["space c n", "space c esc", "space c q", "space c x", "c", "c y", "y", "space enter"] {
        stays(keys);
    }
    assert!(stays("c").said.is_some_and(|said| said.contains("nothing is marked")));
}

fn seen(
    view: &TableView,
    state: &State,
    (width, height): (u16, u16),
    palette: Palette,
) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("it is in memory");
    let draw = |frame: &mut ratatui::Frame<'_>| {
        draw(frame, view, state, palette);
    };
    terminal.draw(draw).expect("it is in memory");
    terminal
}

#[test]
fn the_screen_at_the_sizes_that_people_have() {
    for size in [(80, 24), (40, 12), (120, 40)] {
        for (name, keys) in [("list", "space j j"), ("preview", "enter"), ("confirm", "a c"), ("help", "?")] {
            let terminal = seen(&view(), &stays(keys), size, Palette::Plain);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), terminal.backend());
        }
    }
}

#[test]
fn no_size_is_too_small_and_no_table_too_short_to_be_drawn() {
    let empty = TableView { rows: Vec::new(), ..view() };
    for view in [&view(), &empty] {
        for keys in ["G", "enter", "?", "j space"] {
            for size in [(1, 1), (3, 2), (10, 3), (59, 19), (99, 20), (100, 4), (300, 100)] {
                seen(view, &stays(keys), size, Palette::Colored);
            }
        }
    }
}

#[test]
fn what_an_event_says_is_text_on_the_screen_and_nothing_else() {
    let hostile = "\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}gnp.exe\u{200b}\r\n\u{e0041}end";
    let mut view = view();
    for row in &mut view.rows {
        let text = orderly_core::encode::terminal::visible(hostile);
        row.title.clone_from(&text);
        row.platform = Some(text);
        // Where something forgot to encode, the screen still does.
        row.short_id = ShortId::new(hostile);
        row.permalink = hostile.to_owned();
        row.diagnosis = vec![hostile.to_owned()];
        row.trace[..].iter_mut().for_each(|frame| {
            frame.place = hostile.to_owned();
            frame.source = vec![(1, hostile.to_owned())];
        });
        row.left_to_a_person = Some(hostile.to_owned());
    }
    for keys in ["j space", "enter", "a c"] {
        let terminal = seen(&view, &stays(keys), (120, 40), Palette::Colored);
        for cell in terminal.backend().buffer().content() {
            let bad = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{e0000}'..='\u{e007f}')
            };
            assert!(!cell.symbol().chars().any(bad), "{keys}: {:?}", cell.symbol());
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_the_marks_still_tell() {
    let colours = |palette| {
        let terminal = seen(&view(), &stays("space j j"), (120, 40), palette);
        let cells = terminal.backend().buffer().content();
        cells.iter().filter(|cell| cell.fg != ratatui::style::Color::Reset).count()
    };
    assert_eq!(colours(Palette::Plain), 0);
    assert!(colours(Palette::Colored) > 0);
}
