//! What the engine answered, one JSON object a line, so that another scorer can check the numbers.

use crate::error::EvalError;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where the answers go; nowhere when nobody asked for them.
pub struct Predictions {
    out: Option<(PathBuf, BufWriter<File>)>,
}

impl Predictions {
    /// Creates the file, or replaces it.
    ///
    /// # Errors
    /// [`EvalError::Unwritable`].
    pub fn create(path: Option<&Path>) -> Result<Self, EvalError> {
        let out = match path {
            None => None,
            Some(path) => {
                let file = File::create(path).map_err(|source| unwritable(path, source))?;
                Some((path.to_owned(), BufWriter::new(file)))
            }
        };
        Ok(Self { out })
    }

    /// Writes one answer.
    ///
    /// # Errors
    /// [`EvalError::Unwritable`].
    pub fn write<T: Serialize>(&mut self, answer: &T) -> Result<(), EvalError> {
        let Some((path, out)) = &mut self.out else { return Ok(()) };
        serde_json::to_writer(&mut *out, answer)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(|source| unwritable(path, source))
    }

    /// Makes sure that everything is in the file.
    ///
    /// # Errors
    /// [`EvalError::Unwritable`].
    pub fn finish(self) -> Result<(), EvalError> {
        let Some((path, mut out)) = self.out else { return Ok(()) };
        out.flush().map_err(|source| unwritable(&path, source))
    }
}

fn unwritable(path: &Path, source: std::io::Error) -> EvalError {
    EvalError::Unwritable { path: path.to_owned(), source }
}
