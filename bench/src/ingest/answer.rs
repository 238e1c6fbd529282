//! An answer as its bytes come in.

use anyhow::{Context, Result};

/// What has come of an answer.
#[derive(Default)]
pub struct Answer {
    bytes: Vec<u8>,
}

impl Answer {
    /// Takes the next bytes; the status and the body, once all of it is there.
    ///
    /// # Errors
    /// When it is no answer in HTTP.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Option<(u16, Vec<u8>)>> {
        self.bytes.extend_from_slice(bytes);
        let Some(at) = self.bytes.windows(4).position(|part| part == b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&self.bytes[..at])?.to_ascii_lowercase();
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        let body = &self.bytes[at + 4..];
        let is_whole = match head.lines().find_map(|line| line.strip_prefix("content-length:")) {
            Some(length) => body.len() >= length.trim().parse()?,
            None if head.contains("transfer-encoding: chunked") => body.ends_with(b"0\r\n\r\n"),
            None => true,
        };
        Ok(is_whole.then(|| (status, body.to_vec())))
    }
}
