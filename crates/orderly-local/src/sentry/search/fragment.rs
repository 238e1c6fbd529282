//! SQL in pieces: text that was written here, and values that are only ever bound.

/// A value for a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
}

/// A piece of SQL with its values. Its text can only grow by literals of this program, so that nothing a caller
/// sends can become SQL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fragment {
    sql: String,
    binds: Vec<Bind>,
}

impl Fragment {
    /// A piece without values.
    pub fn new(sql: &'static str) -> Fragment {
        Fragment { sql: sql.to_owned(), binds: Vec::new() }
    }

    /// Appends SQL.
    #[must_use]
    pub fn sql(mut self, sql: &'static str) -> Fragment {
        self.sql.push_str(sql);
        self
    }

    /// Appends an integer as a bound value.
    #[must_use]
    pub fn int(mut self, value: i64) -> Fragment {
        self.sql.push('?');
        self.binds.push(Bind::Int(value));
        self
    }

    /// Appends a text as a bound value.
    #[must_use]
    pub fn text(mut self, value: impl Into<String>) -> Fragment {
        self.sql.push('?');
        self.binds.push(Bind::Text(value.into()));
        self
    }

    /// Appends `(?, ?, ..)`; without any value `(NULL)`, which is in no list.
    #[must_use]
    pub fn ints(mut self, values: &[i64]) -> Fragment {
        self.sql.push('(');
        if values.is_empty() {
            self.sql.push_str("NULL");
        }
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.sql.push_str(", ");
            }
            self = self.int(*value);
        }
        self.sql.push(')');
        self
    }

    /// Appends another piece.
    #[must_use]
    pub fn then(mut self, other: Fragment) -> Fragment {
        self.sql.push_str(&other.sql);
        self.binds.extend(other.binds);
        self
    }

    /// `(a OR b OR ..)`; nothing at all is false.
    pub fn any(pieces: impl IntoIterator<Item = Fragment>) -> Fragment {
        Fragment::joined(pieces, " OR ", "0")
    }

    /// `(a AND b AND ..)`; nothing at all is true.
    pub fn all(pieces: impl IntoIterator<Item = Fragment>) -> Fragment {
        Fragment::joined(pieces, " AND ", "1")
    }

    fn joined(
        pieces: impl IntoIterator<Item = Fragment>,
        separator: &'static str,
        empty: &'static str,
    ) -> Fragment {
        let mut pieces = pieces.into_iter();
        let Some(first) = pieces.next() else { return Fragment::new(empty) };
        let mut whole = Fragment::new("(").then(first);
        for piece in pieces {
            whole = whole.sql(separator).then(piece);
        }
        whole.sql(")")
    }

    /// `NOT (..)`
    #[must_use]
    pub fn negated(self) -> Fragment {
        Fragment::new("NOT (").then(self).sql(")")
    }

    /// The SQL text.
    pub fn as_sql(&self) -> &str {
        &self.sql
    }

    /// The values, in order of their placeholders.
    pub fn binds(&self) -> &[Bind] {
        &self.binds
    }
}
