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

    fn write(&self, place: Place, out: &mut String) {
        match (self, place) {
            (Self::Words(text), _) => words(text, out),
            (Self::Code(text), Place::Line) => out.push_str(&markdown::code(text)),
            (Self::Code(text), Place::Cell) => out.push_str(&markdown::code_cell(text)),
            (Self::Link { label, url }, _) => {
                out.extend(["[", &markdown::plain(label), "]("]);
                address(url, out);
                out.push(')');
            }
            (Self::Address(url), _) => {
                out.push('<');
                address(url, out);
                out.push('>');
            }
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
        let mut out = String::with_capacity(1024);
        for (at, block) in self.blocks.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "\n\n" });
            block.write(&mut out);
        }
        out
    }
}

impl Block {
    fn write(&self, out: &mut String) {
        match self {
            Self::Section(text) => out.extend(["## ", text]),
            Self::Heading(text) => out.extend(["### ", text]),
            Self::Line(parts) => line(parts, out),
            Self::Bullets(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    out.push_str(if at == 0 { "- " } else { "\n- " });
                    line(&row.line, out);
                    for below in &row.below {
                        out.push_str("\n  - ");
                        line(below, out);
                    }
                }
            }
            Self::Numbers(rows) => {
                for (number, row) in (1..).zip(rows) {
                    out.push_str(if number == 1 { "" } else { "\n" });
                    out.push_str(&format!("{number}. "));
                    line(row, out);
                }
            }
            Self::Table(head, rows) => table(head, rows, out),
            Self::Verbatim(text) => {
                let longest = text.split(|c| c != '~').map(str::len).max().unwrap_or(0);
                let fence = "~".repeat((longest + 1).max(3));
                out.extend([&fence, "markdown\n", text, "\n", &fence]);
            }
            Self::Marker(marker) => out.extend(["`", &marker.replace('`', "'"), "`"]),
        }
    }
}

fn line(parts: &[Inline], out: &mut String) {
    for part in parts {
        part.write(Place::Line, out);
    }
}

fn table(head: &[&'static str], rows: &[Vec<Pieces>], out: &mut String) {
    out.extend(["| ", &head.join(" | "), " |\n| ", &vec!["---"; head.len()].join(" | "), " |"]);
    for row in rows {
        out.push_str("\n| ");
        for (at, cell) in row.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { " | " });
            cell.iter().for_each(|piece| piece.write(Place::Cell, out));
        }
        out.push_str(" |");
    }
}

/// Words with code between backticks. The encoders trim; a blank at the end of a piece separates it from the next.
fn words(text: &str, out: &mut String) {
    if text.bytes().filter(|byte| *byte == b'`').count() % 2 == 1 {
        return spaced(text, out);
    }
    for (at, piece) in text.split('`').enumerate() {
        if at % 2 == 0 || piece.trim().is_empty() {
            spaced(piece, out);
        } else {
            out.extend(["`", &crate::encode::one_line(piece), "`"]);
        }
    }
}

fn spaced(text: &str, out: &mut String) {
    let blank = |is: bool| if is { " " } else { "" };
    let (before, after) = (text.starts_with(' '), text.ends_with(' ') && text.len() > 1);
    out.extend([blank(before), &markdown::plain(text), blank(after)]);
}

/// A permalink is built from configuration; what would end the link early is percent-encoded all the same.
fn address(url: &str, target: &mut String) {
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
}
