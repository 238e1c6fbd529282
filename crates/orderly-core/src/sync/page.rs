//! A page as a small tree. Text enters as words of ours, as code, or as the one kind of link; the encoders alone turn it
//! into Markdown, so nothing is ever glued.

use crate::encode::markdown;
use crate::scrub::Scrubbed;
use crate::sync::marker::Marker;

/// A piece of a line.
pub enum Inline {
    /// Words that no event chose; what stands between backticks is shown as code.
    Words(String),
    /// Text of an event, a repository or a service.
    Code(Scrubbed),
    /// A rebuilt permalink with a label.
    Link {
        /// What is shown.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// A rebuilt permalink that shows itself.
    Address(String),
}

impl Inline {
    /// Words that no event chose.
    pub fn words(text: &str) -> Self {
        Self::Words(text.to_owned())
    }

    fn render(&self, place: Place) -> String {
        match (self, place) {
            (Self::Words(text), _) => words(text),
            (Self::Code(text), Place::Line) => markdown::code(text),
            (Self::Code(text), Place::Cell) => markdown::code_cell(text),
            (Self::Link { label, url }, _) => format!("[{}]({})", markdown::plain(label), address(url)),
            (Self::Address(url), _) => format!("<{}>", address(url)),
        }
    }
}

/// Where a piece stands.
#[derive(Clone, Copy)]
enum Place {
    Line,
    Cell,
}

/// The pieces of one line, cell or list row.
pub type Pieces = Vec<Inline>;

/// A row of a list, with rows of its own below.
pub struct Item {
    /// The row.
    pub line: Pieces,
    /// Below it.
    pub below: Vec<Pieces>,
}

enum Block {
    Section(&'static str),
    Heading(&'static str),
    Line(Pieces),
    Bullets(Vec<Item>),
    Numbers(Vec<Pieces>),
    Table(Vec<&'static str>, Vec<Vec<Pieces>>),
    Verbatim(String),
    Marker(String),
}

/// A page.
#[derive(Default)]
pub struct Page {
    blocks: Vec<Block>,
}

impl Page {
    /// A heading of a report.
    pub fn section(&mut self, text: &'static str) {
        self.blocks.push(Block::Section(text));
    }

    /// A heading of an item.
    pub fn heading(&mut self, text: &'static str) {
        self.blocks.push(Block::Heading(text));
    }

    /// A paragraph.
    pub fn line(&mut self, parts: impl IntoIterator<Item = Inline>) {
        self.blocks.push(Block::Line(parts.into_iter().collect()));
    }

    /// A list.
    pub fn bullets(&mut self, rows: Vec<Pieces>) {
        self.tree(rows.into_iter().map(|line| Item { line, below: Vec::new() }).collect());
    }

    /// A list of two levels.
    pub fn tree(&mut self, rows: Vec<Item>) {
        self.blocks.push(Block::Bullets(rows));
    }

    /// A numbered list.
    pub fn numbers(&mut self, rows: Vec<Pieces>) {
        self.blocks.push(Block::Numbers(rows));
    }

    /// A table.
    pub fn table(&mut self, head: Vec<&'static str>, rows: Vec<Vec<Pieces>>) {
        self.blocks.push(Block::Table(head, rows));
    }

    /// Text that was encoded before, shown as it is sent: in a fence that is longer than any inside.
    pub fn verbatim(&mut self, text: &str) {
        self.blocks.push(Block::Verbatim(text.to_owned()));
    }

    /// The marker, as code: trackers link keys like `ABC-12` in plain text.
    pub fn marker(&mut self, marker: &Marker) {
        self.blocks.push(Block::Marker(marker.to_string()));
    }

    /// The page as Markdown.
    pub fn render(&self) -> String {
        let blocks: Vec<String> = self.blocks.iter().map(Block::render).collect();
        blocks.join("\n\n")
    }
}

impl Block {
    fn render(&self) -> String {
        match self {
            Self::Section(text) => format!("## {text}"),
            Self::Heading(text) => format!("### {text}"),
            Self::Line(parts) => line(parts),
            Self::Bullets(rows) => rows.iter().map(bullet).collect::<Vec<_>>().join("\n"),
            Self::Numbers(rows) => {
                let rows = rows.iter().enumerate().map(|(at, row)| format!("{}. {}", at + 1, line(row)));
                rows.collect::<Vec<_>>().join("\n")
            }
            Self::Table(head, rows) => table(head, rows),
            Self::Verbatim(text) => {
                let longest = text.split(|c| c != '~').map(str::len).max().unwrap_or(0);
                let fence = "~".repeat((longest + 1).max(3));
                format!("{fence}markdown\n{text}\n{fence}")
            }
            Self::Marker(marker) => format!("`{}`", marker.replace('`', "'")),
        }
    }
}

fn line(parts: &[Inline]) -> String {
    parts.iter().map(|part| part.render(Place::Line)).collect()
}

fn bullet(item: &Item) -> String {
    let below: String = item.below.iter().map(|row| format!("\n  - {}", line(row))).collect();
    format!("- {}{below}", line(&item.line))
}

fn table(head: &[&'static str], rows: &[Vec<Pieces>]) -> String {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let cell = |pieces: &Pieces| pieces.iter().map(|piece| piece.render(Place::Cell)).collect();
    let mut lines = vec![
        row(head.iter().map(ToString::to_string).collect()),
        row(head.iter().map(|_| "---".to_owned()).collect()),
    ];
    lines.extend(rows.iter().map(|cells| row(cells.iter().map(cell).collect())));
    lines.join("\n")
}

/// Words with code between backticks. The encoders trim; a blank at the end of a piece separates it from the next.
fn words(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return spaced(text);
    }
    let render = |(at, piece): (usize, &&str)| {
        if at % 2 == 0 || piece.trim().is_empty() {
            spaced(piece)
        } else {
            format!("`{}`", crate::encode::one_line(piece))
        }
    };
    pieces.iter().enumerate().map(render).collect()
}

fn spaced(text: &str) -> String {
    let blank = |is: bool| if is { " " } else { "" };
    let (before, after) = (text.starts_with(' '), text.ends_with(' ') && text.len() > 1);
    format!("{}{}{}", blank(before), markdown::plain(text), blank(after))
}

/// A permalink is built from configuration; what would end the link early is percent-encoded all the same.
fn address(url: &str) -> String {
    let mut target = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '(' => target.push_str("%28"),
            ')' => target.push_str("%29"),
            '<' => target.push_str("%3C"),
            '>' => target.push_str("%3E"),
            '\\' => target.push_str("%5C"),
            '|' => target.push_str("%7C"),
            c if c.is_whitespace() || c.is_control() => target.push_str("%20"),
            c => target.push(c),
        }
    }
    target
}
