//! The shape of a search over events: terms, `AND`, `OR` and parentheses.

use super::error::ExploreError;

/// Deepest nesting of parentheses.
const DEEPEST: usize = 30;

/// Longest text that is read, in bytes.
const LONGEST: usize = 4096;

/// A search as a tree. Terms next to each other must all match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// Every one.
    All(Vec<Tree>),
    /// Any one.
    Any(Vec<Tree>),
    /// One term, as it was written.
    Term(String),
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Term(String),
}

/// Reads a search text.
///
/// # Errors
/// Unbalanced parentheses, an unclosed quote or list, an operator with nothing beside it, nesting or text without end.
pub fn parse(text: &str) -> Result<Tree, ExploreError> {
    if text.len() > LONGEST {
        return Err(ExploreError::Syntax("it is too long"));
    }
    let mut reader = Reader { tokens: tokens(text)?, at: 0 };
    if reader.tokens.is_empty() {
        return Ok(Tree::All(Vec::new()));
    }
    let tree = reader.any(0)?;
    if reader.peek().is_some() {
        return Err(ExploreError::Syntax("a parenthesis closes that was never opened"));
    }
    Ok(tree)
}

fn tokens(text: &str) -> Result<Vec<Token>, ExploreError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '(' => {
                tokens.push(Token::Open);
                1
            }
            ')' => {
                tokens.push(Token::Close);
                1
            }
            _ => {
                let end = end_of_term(rest)?;
                tokens.push(match &rest[..end] {
                    "AND" => Token::And,
                    "OR" => Token::Or,
                    term => Token::Term(term.to_owned()),
                });
                end
            }
        };
        rest = rest[taken..].trim_start();
    }
    Ok(tokens)
}

/// A term ends at a space or at a parenthesis that it did not open itself.
fn end_of_term(text: &str) -> Result<usize, ExploreError> {
    let (mut open, mut listed, mut quoted, mut escaped) = (0_usize, false, false, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => listed = true,
            ']' => listed = false,
            '(' => open += 1,
            ')' if open == 0 => return Ok(at),
            ')' => open -= 1,
            c if c.is_whitespace() && !listed && open == 0 => return Ok(at),
            _ => {}
        }
    }
    match (quoted, listed) {
        (true, _) => Err(ExploreError::Syntax("a quote is not closed")),
        (_, true) => Err(ExploreError::Syntax("a list is not closed with `]`")),
        (false, false) => Ok(text.len()),
    }
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.at += 1;
        }
        found
    }

    fn any(&mut self, depth: usize) -> Result<Tree, ExploreError> {
        let mut branches = vec![self.all(depth)?];
        while self.eat(&Token::Or) {
            branches.push(self.all(depth)?);
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Tree::Any(branches),
        })
    }

    fn all(&mut self, depth: usize) -> Result<Tree, ExploreError> {
        let mut branches = vec![self.one(depth)?];
        loop {
            let joined = self.eat(&Token::And);
            match self.peek() {
                Some(Token::Term(_) | Token::Open) => branches.push(self.one(depth)?),
                _ if joined => return Err(ExploreError::Syntax("nothing stands after AND")),
                _ => break,
            }
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Tree::All(branches),
        })
    }

    fn one(&mut self, depth: usize) -> Result<Tree, ExploreError> {
        if depth > DEEPEST {
            return Err(ExploreError::Syntax("it is nested too deeply"));
        }
        if self.eat(&Token::Open) {
            let inside = self.any(depth + 1)?;
            if !self.eat(&Token::Close) {
                return Err(ExploreError::Syntax("a parenthesis is not closed"));
            }
            return Ok(inside);
        }
        match self.tokens.get(self.at) {
            Some(Token::Term(term)) => {
                let term = term.clone();
                self.at += 1;
                Ok(Tree::Term(term))
            }
            _ => Err(ExploreError::Syntax("a filter is missing beside an operator or in parentheses")),
        }
    }
}
