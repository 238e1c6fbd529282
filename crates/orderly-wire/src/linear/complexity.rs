//! What a GraphQL text costs, by Linear's published rule: a property is 0.1 point, an object 1 point, a connection
//! multiplies what is below it by the asked page (50 when none is asked), and the sum is rounded up. Where the rule
//! leaves room this count takes the higher reading: everything below a connection is multiplied, also `nodes` and
//! `pageInfo`.
//!
//! Source: Linear's developer documentation, "Rate limiting", section on complexity.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

#[cfg(test)]
mod tests;

/// A text above this is refused, whatever the hourly budget says.
pub const LIMIT: u64 = 10_000;

/// What Orderly lets one text cost: the limit with a margin, because the exact reading of the rule is not published.
pub const BUDGET: u64 = 8_000;

/// Page of a connection that asks for none.
const DEFAULT_PAGE: u64 = 50;

/// Points of a text: its dearest operation. A text that is not GraphQL costs more than any limit.
pub fn points(document: &str) -> u64 {
    let mut reader = Reader { tokens: tokens(document).into_iter().peekable() };
    reader.document().map_or(u64::MAX, |tenths| tenths.div_ceil(10))
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Number(u64),
    Spread,
    Sign(char),
}

/// The signs that matter: names, whole numbers, `...` and punctuation. Strings and comments carry no cost.
fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => skip_string(&mut chars),
            '.' => {
                while chars.next_if_eq(&'.').is_some() {}
                out.push(Token::Spread);
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                out.push(Token::Name(word(c, &mut chars)));
            }
            c if c.is_ascii_digit() => {
                out.push(Token::Number(word(c, &mut chars).parse().unwrap_or(u64::MAX)));
            }
            c if c.is_whitespace() || c == ',' => {}
            c => out.push(Token::Sign(c)),
        }
    }
    out
}

fn word(first: char, chars: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::from(first);
    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        word.push(c);
    }
    word
}

fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// A selection: fields with their page and what is below them, and fragments that are spread into it.
#[derive(Debug, Default)]
struct Selection {
    fields: Vec<Field>,
    spreads: Vec<String>,
    inline: Vec<Selection>,
}

#[derive(Debug)]
struct Field {
    name: String,
    page: Option<u64>,
    below: Option<Selection>,
}

struct Reader {
    tokens: Peekable<std::vec::IntoIter<Token>>,
}

impl Reader {
    /// Tenths of a point of the dearest operation; `None` when the text ends early or holds something unexpected.
    fn document(&mut self) -> Option<u64> {
        let mut fragments = BTreeMap::new();
        let mut operations = Vec::new();
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Name(kind) if kind == "fragment" => {
                    let Some(Token::Name(name)) = self.tokens.next() else { return None };
                    self.skip_to_selection()?;
                    fragments.insert(name, self.selection()?);
                }
                Token::Name(_) => {
                    self.skip_to_selection()?;
                    operations.push(self.selection()?);
                }
                Token::Sign('{') => operations.push(self.selection()?),
                _ => return None,
            }
        }
        operations.iter().map(|operation| tenths(operation, &fragments, 0)).max().flatten()
    }

    /// Goes to the `{` that opens a selection; braces within parentheses belong to values.
    fn skip_to_selection(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.tokens.next()? {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => depth = depth.checked_sub(1)?,
                Token::Sign('{') if depth == 0 => return Some(()),
                _ => {}
            }
        }
    }

    /// A selection whose `{` was read.
    fn selection(&mut self) -> Option<Selection> {
        let mut selection = Selection::default();
        loop {
            match self.tokens.next()? {
                Token::Sign('}') => return Some(selection),
                Token::Spread => self.spread(&mut selection)?,
                Token::Name(name) => {
                    let field = self.field(name)?;
                    selection.fields.push(field);
                }
                _ => return None,
            }
        }
    }

    fn spread(&mut self, selection: &mut Selection) -> Option<()> {
        match self.tokens.next()? {
            Token::Name(name) if name != "on" => selection.spreads.push(name),
            Token::Sign('{') => selection.inline.push(self.selection()?),
            _ => {
                self.skip_to_selection()?;
                selection.inline.push(self.selection()?);
            }
        }
        Some(())
    }

    fn field(&mut self, name: String) -> Option<Field> {
        let name = if self.tokens.next_if_eq(&Token::Sign(':')).is_some() {
            let Some(Token::Name(name)) = self.tokens.next() else { return None };
            name
        } else {
            name
        };
        let page = if self.tokens.next_if_eq(&Token::Sign('(')).is_some() { self.page()? } else { None };
        while self.tokens.next_if_eq(&Token::Sign('@')).is_some() {
            self.tokens.next()?;
            if self.tokens.next_if_eq(&Token::Sign('(')).is_some() {
                self.page()?;
            }
        }
        let below =
            if self.tokens.next_if_eq(&Token::Sign('{')).is_some() { Some(self.selection()?) } else { None };
        Some(Field { name, page, below })
    }

    /// Reads arguments to their `)`; the page is `first` or `last` at the outermost level.
    fn page(&mut self) -> Option<Option<u64>> {
        let mut page = None;
        let mut depth = 0_u32;
        loop {
            match self.tokens.next()? {
                Token::Sign(')') if depth == 0 => return Some(page),
                Token::Sign('{' | '[' | '(') => depth += 1,
                Token::Sign('}' | ']' | ')') => depth = depth.checked_sub(1)?,
                Token::Name(name) if depth == 0 && (name == "first" || name == "last") => {
                    self.tokens.next_if_eq(&Token::Sign(':'))?;
                    match self.tokens.next()? {
                        Token::Number(n) => page = Some(n),
                        // A variable: the largest page there is.
                        _ => page = Some(250),
                    }
                }
                _ => {}
            }
        }
    }
}

/// `None` when a fragment is unknown or contains itself.
fn tenths(selection: &Selection, fragments: &BTreeMap<String, Selection>, depth: u32) -> Option<u64> {
    if depth > 32 {
        return None;
    }
    let mut sum = 0_u64;
    for field in &selection.fields {
        let cost = match &field.below {
            None => 1,
            Some(below) => {
                let children = tenths(below, fragments, depth + 1)?;
                let is_connection = below.fields.iter().any(|f| f.name == "nodes" || f.name == "edges");
                let times = field.page.or(is_connection.then_some(DEFAULT_PAGE)).unwrap_or(1);
                children.saturating_mul(times).saturating_add(10)
            }
        };
        sum = sum.saturating_add(cost);
    }
    for name in &selection.spreads {
        sum = sum.saturating_add(tenths(fragments.get(name)?, fragments, depth + 1)?);
    }
    for inline in &selection.inline {
        sum = sum.saturating_add(tenths(inline, fragments, depth + 1)?);
    }
    Some(sum)
}
