//! Labelled rows: one JSON object a line, UTF-8, plain or compressed (`.gz`).

use crate::error::EvalError;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The lines of a file, still to be read as rows.
pub struct Rows {
    path: PathBuf,
    lines: Box<dyn BufRead>,
}

impl Rows {
    /// Opens a file.
    ///
    /// # Errors
    /// [`EvalError::Unreadable`].
    pub fn open(path: &Path) -> Result<Self, EvalError> {
        let file =
            File::open(path).map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })?;
        let compressed = path.extension().is_some_and(|extension| extension == "gz");
        let lines: Box<dyn BufRead> = if compressed {
            Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(file)))
        } else {
            Box::new(BufReader::new(file))
        };
        Ok(Self { path: path.to_owned(), lines })
    }

    /// The rows one after the other, blank lines left out; the file is never held as a whole.
    pub fn each<T: DeserializeOwned>(self) -> impl Iterator<Item = Result<T, EvalError>> {
        let Self { path, lines } = self;
        lines.lines().enumerate().filter_map(move |(at, line)| match line {
            Err(source) => Some(Err(EvalError::Unreadable { path: path.clone(), source })),
            Ok(line) if line.trim().is_empty() => None,
            Ok(line) => Some(serde_json::from_str(&line).map_err(|source| EvalError::NotARow {
                path: path.clone(),
                line: at + 1,
                source,
            })),
        })
    }

    /// All rows at once, for tasks that look at all of them before they answer.
    ///
    /// # Errors
    /// As [`Rows::each`], and [`EvalError::Empty`].
    pub fn all<T: DeserializeOwned>(self) -> Result<Vec<T>, EvalError> {
        let path = self.path.clone();
        let rows = self.each().collect::<Result<Vec<T>, _>>()?;
        if rows.is_empty() { Err(EvalError::Empty { path }) } else { Ok(rows) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[derive(Debug, serde::Deserialize)]
    struct Row {
        id: String,
    }

    fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    #[test]
    fn blank_lines_are_no_rows_and_unknown_fields_are_passed_over() {
        let (_dir, path) = file("rows.jsonl", b"{\"id\":\"a\",\"more\":1}\n\n{\"id\":\"b\"}");
        let rows: Vec<Row> = Rows::open(&path).unwrap().all().unwrap();
        assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_compressed_file_reads_as_the_plain_one() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"{\"id\":\"a\"}\n").unwrap();
        let (_dir, path) = file("rows.jsonl.gz", &encoder.finish().unwrap());
        assert_eq!(Rows::open(&path).unwrap().all::<Row>().unwrap()[0].id, "a");
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        let (_dir, path) = file("rows.jsonl", b"{\"id\":\"a\"}\n{\"id\":1}\n");
        let error = Rows::open(&path).unwrap().all::<Row>().unwrap_err().to_string();
        assert!(error.starts_with("line 2 of ") && error.ends_with("is not a row of this task"), "{error}");
    }

    #[test]
    fn a_file_without_rows_is_refused() {
        let (_dir, path) = file("rows.jsonl", b"\n");
        assert!(matches!(Rows::open(&path).unwrap().all::<Row>(), Err(EvalError::Empty { .. })));
        assert!(matches!(Rows::open(&path.with_extension("gone")), Err(EvalError::Unreadable { .. })));
    }
}
