//! From text to raw terms: which characters are a key, a value, a list, a quote or plain words.

use super::error::{MAX_QUERY_BYTES, SearchError};
use super::query::Polarity;

/// A piece of text as it was written, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub text: String,
    pub quoted: bool,
}

/// What stands behind a colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RawValue {
    One(Text),
    List(Vec<Text>),
}

/// One term before its key is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RawTerm {
    /// `key:value` or `!key:value`.
    Filter { polarity: Polarity, key: String, value: RawValue },
    /// Neighbouring words, joined with one space.
    Words(String),
}

/// Splits a search text. Never panics, whatever the text.
pub(super) fn lex(text: &str) -> Result<Vec<RawTerm>, SearchError> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(SearchError::TooLong);
    }
    let mut cursor = Cursor { rest: text };
    let mut terms = Vec::new();
    let mut words: Vec<String> = Vec::new();
    loop {
        cursor.skip_spaces();
        if cursor.rest.is_empty() {
            break;
        }
        match cursor.term()? {
            Lexed::Word(word) => words.push(word),
            Lexed::Filter(filter) => {
                flush(&mut words, &mut terms);
                terms.push(filter);
            }
        }
    }
    flush(&mut words, &mut terms);
    Ok(terms)
}

fn flush(words: &mut Vec<String>, terms: &mut Vec<RawTerm>) {
    if !words.is_empty() {
        terms.push(RawTerm::Words(words.join(" ")));
        words.clear();
    }
}

enum Lexed {
    Word(String),
    Filter(RawTerm),
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, expected: char) -> bool {
        self.rest.strip_prefix(expected).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn term(&mut self) -> Result<Lexed, SearchError> {
        let start = self.rest;
        let polarity = if self.eat('!') { Polarity::IsNot } else { Polarity::Is };
        if let Some(key) = self.key()? {
            // `https://host` in free text is no filter.
            if !self.rest.starts_with("//") {
                let value = self.value(&key)?;
                return Ok(Lexed::Filter(RawTerm::Filter { polarity, key, value }));
            }
        }
        self.rest = start;
        self.word()
    }

    /// Reads `key:`, `"key":`, `tags[key]:` or `tags[key,type]:`; leaves the cursor behind the colon.
    fn key(&mut self) -> Result<Option<String>, SearchError> {
        if self.rest.starts_with('"') {
            let key = self.quoted()?;
            return Ok(self.eat(':').then_some(key));
        }
        if let Some(inside) = self.rest.strip_prefix("tags[")
            && let Some((name, rest)) = inside.split_once(']')
            && let Some(rest) = rest.strip_prefix(':')
        {
            self.rest = rest;
            let name = name.split(',').next().unwrap_or(name).trim();
            return Ok(Some(format!("tags[{name}]")));
        }
        let length = self.rest.find(|c: char| !is_key_char(c)).unwrap_or(self.rest.len());
        if length == 0 || !self.rest[length..].starts_with(':') {
            return Ok(None);
        }
        let key = self.take(length).to_owned();
        Ok(self.eat(':').then_some(key))
    }

    fn value(&mut self, key: &str) -> Result<RawValue, SearchError> {
        if self.eat('[') {
            return self.list(key).map(RawValue::List);
        }
        if self.rest.starts_with('"') {
            let text = self.quoted()?;
            self.expect_end(key)?;
            return Ok(RawValue::One(Text { text, quoted: true }));
        }
        // `>"2024-01-01"` and the like: an operator before a quote belongs to the value.
        let length = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        if length == 0 {
            return Err(SearchError::EmptyValue(key.to_owned()));
        }
        Ok(RawValue::One(Text { text: self.take(length).to_owned(), quoted: false }))
    }

    fn list(&mut self, key: &str) -> Result<Vec<Text>, SearchError> {
        let unclosed = || SearchError::UnclosedList(key.to_owned());
        let mut items = Vec::new();
        loop {
            self.skip_spaces();
            if self.rest.starts_with('"') {
                items.push(Text { text: self.quoted()?, quoted: true });
            } else {
                let length = self.rest.find([',', ']']).ok_or_else(unclosed)?;
                let text = self.take(length).trim();
                if text.is_empty() {
                    return Err(SearchError::EmptyValue(key.to_owned()));
                }
                items.push(Text { text: text.to_owned(), quoted: false });
            }
            self.skip_spaces();
            if self.eat(']') {
                self.expect_end(key)?;
                return Ok(items);
            }
            if !self.eat(',') {
                return Err(unclosed());
            }
        }
    }

    fn expect_end(&self, key: &str) -> Result<(), SearchError> {
        if self.rest.is_empty() || self.rest.starts_with(char::is_whitespace) {
            Ok(())
        } else {
            Err(SearchError::MissingSpace(key.to_owned()))
        }
    }

    /// Reads a quoted text; `\"` stands for a quote, other backslashes stay.
    fn quoted(&mut self) -> Result<String, SearchError> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' if chars.next_if(|(_, next)| *next == '"').is_some() => text.push('"'),
                other => text.push(other),
            }
        }
        Err(SearchError::UnclosedQuote(text.chars().take(40).collect()))
    }

    fn word(&mut self) -> Result<Lexed, SearchError> {
        if self.rest.starts_with('"') {
            return self.quoted().map(Lexed::Word);
        }
        let length = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let word = self.take(length);
        if word == "AND" || word == "OR" {
            return Err(SearchError::Boolean(word.to_owned()));
        }
        if word.starts_with('(') || has_stray_closing(word) {
            return Err(SearchError::Parentheses);
        }
        Ok(Lexed::Word(word.to_owned()))
    }
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// `foo()` is a word; `foo)` closes something that was never opened.
fn has_stray_closing(word: &str) -> bool {
    let mut open = 0_usize;
    word.chars().any(|c| {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return true,
            ')' => open -= 1,
            _ => {}
        }
        false
    })
}
