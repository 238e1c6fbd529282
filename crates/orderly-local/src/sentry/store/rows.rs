//! Statements that take many rows at once.

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

/// Rows of one run, the most first; what is left over goes by the next number.
const AT_ONCE: [usize; 3] = [64, 8, 1];

/// A statement with its parameters.
pub type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A statement that takes any number of rows.
#[derive(Debug)]
pub struct ManyRows {
    statements: [String; AT_ONCE.len()],
}

impl ManyRows {
    /// What comes before the rows, one row with a `?` for each parameter, and what comes after the rows. Parameters
    /// have no numbers: SQLite looks numbered ones up in a list, once for each of them.
    pub fn new(before: &str, row: &str, after: &str) -> Self {
        let statement = |rows: usize| format!("{before} VALUES {} {after}", vec![row; rows].join(", "));
        Self { statements: AT_ONCE.map(statement) }
    }

    /// Runs it over these rows; `bind` adds the parameters of one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run<'q, T>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: &'q [T],
        bind: impl Fn(Bound<'q>, &'q T) -> Bound<'q>,
    ) -> Result<(), sqlx::Error> {
        let mut rest = rows;
        for (at_once, statement) in AT_ONCE.into_iter().zip(&self.statements) {
            let chunks = rest.chunks_exact(at_once);
            rest = chunks.remainder();
            for chunk in chunks {
                let query = chunk.iter().fold(sqlx::query(statement.as_str()), &bind);
                query.execute(&mut *connection).await?;
            }
        }
        Ok(())
    }
}
