//! Where an agent's requests are answered: for files of its worktree and for permissions, within its bounds and its budget.

use crate::repair::beneath::{Beneath, Unreached};
use agent_client_protocol::v1::schema::{
    ContentBlock, PermissionOptionKind, ReadTextFileRequest, ReadTextFileResponse, RequestPermissionOutcome,
    RequestPermissionRequest, RequestPermissionResponse, SelectedPermissionOutcome, SessionUpdate, ToolKind,
    WriteTextFileRequest, WriteTextFileResponse,
};
use agent_client_protocol::{Error, Result};
use orderly_core::fix::{Bounds, Deed, Place};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// It.
pub struct Desk {
    folder: PathBuf,
    files: Beneath,
    bounds: Bounds,
    most: u64,
    book: Mutex<Book>,
    overrun: Notify,
}

/// What was said and moved so far.
#[derive(Default)]
struct Book {
    said: String,
    /// Bytes that the agent said and wrote.
    out: u64,
    /// Bytes that it was given to read.
    given: u64,
}

impl Desk {
    /// Opens one for a worktree; `most` is how many bytes the agent may say and write, and how large a file may be that it reads.
    pub fn open(folder: &Path, bounds: Bounds, most: u64) -> std::result::Result<Arc<Self>, Unreached> {
        Ok(Arc::new(Self {
            folder: folder.to_owned(),
            files: Beneath::open(folder)?,
            bounds,
            most,
            book: Mutex::default(),
            overrun: Notify::new(),
        }))
    }

    /// All that it said to its reader.
    pub fn said(&self) -> String {
        std::mem::take(&mut self.book().said)
    }

    /// Waits until it has said and written too much.
    pub async fn overrun(&self) {
        self.overrun.notified().await;
    }

    /// Hears what it tells: its messages count as its answer, thoughts and plans do not.
    pub fn hear(&self, update: SessionUpdate) {
        match update {
            SessionUpdate::AgentMessageChunk(chunk) => {
                if let ContentBlock::Text(text) = chunk.content
                    && self.spend(text.text.len())
                {
                    self.book().said.push_str(&text.text);
                }
            }
            SessionUpdate::ToolCall(_) | SessionUpdate::ToolCallUpdate(_) => {
                // What it says after a deed is another line.
                let mut book = self.book();
                if !book.said.is_empty() && !book.said.ends_with('\n') {
                    book.said.push('\n');
                }
            }
            _ => {}
        }
    }

    /// Reads a file, or some lines of it.
    pub fn read(&self, request: &ReadTextFileRequest) -> Result<ReadTextFileResponse> {
        let path = self.within(Deed::Look, &request.path)?;
        let text = self.files.read(&path, self.most).map_err(|error| refused(&request.path, &error))?;
        let text = match (request.line, request.limit) {
            (None, None) => text,
            (line, limit) => {
                let first = line.unwrap_or(1).saturating_sub(1) as usize;
                let most = limit.map_or(usize::MAX, |limit| limit as usize);
                text.split_inclusive('\n').skip(first).take(most).collect()
            }
        };
        let mut book = self.book();
        book.given = book.given.saturating_add(text.len() as u64);
        if book.given > self.most.saturating_mul(super::FRAMING) {
            drop(book);
            self.overrun.notify_one();
            return Err(refused(&request.path, &"enough was read"));
        }
        Ok(ReadTextFileResponse::new(text))
    }

    /// Writes a file.
    pub fn write(&self, request: &WriteTextFileRequest) -> Result<WriteTextFileResponse> {
        let path = self.within(Deed::Change, &request.path)?;
        if !self.spend(request.content.len()) {
            return Err(refused(&request.path, &"enough was written"));
        }
        self.files.write(&path, &request.content).map_err(|error| refused(&request.path, &error))?;
        Ok(WriteTextFileResponse::new())
    }

    /// Permits a deed once, or does not; never for always.
    pub fn permit(&self, request: &RequestPermissionRequest) -> RequestPermissionResponse {
        let fields = &request.tool_call.fields;
        let deed = match fields.kind {
            Some(ToolKind::Read | ToolKind::Search | ToolKind::Think) => Deed::Look,
            Some(ToolKind::Edit | ToolKind::Delete | ToolKind::Move) => Deed::Change,
            Some(ToolKind::Execute) => Deed::Run,
            Some(ToolKind::Fetch) => Deed::Fetch,
            _ => Deed::Other,
        };
        let places: Vec<Place> =
            fields.locations.iter().flatten().map(|location| self.place(&location.path)).collect();
        let wanted = match self.bounds.refusal(deed, &places) {
            None => PermissionOptionKind::AllowOnce,
            Some(_) => PermissionOptionKind::RejectOnce,
        };
        let option = request.options.iter().find(|option| option.kind == wanted);
        RequestPermissionResponse::new(match option {
            Some(option) => {
                RequestPermissionOutcome::Selected(SelectedPermissionOutcome::new(option.option_id.clone()))
            }
            // No such answer is offered; this one says neither yes nor "never again".
            None => RequestPermissionOutcome::Cancelled,
        })
    }

    /// The path in the worktree, if the deed is within bounds there.
    fn within(&self, deed: Deed, path: &Path) -> Result<String> {
        let place = self.place(path);
        match (self.bounds.refusal(deed, std::slice::from_ref(&place)), place) {
            (None, Place::Inside(path)) => Ok(path),
            (Some(refusal), _) => Err(refused(path, &refusal)),
            (None, Place::Outside) => Err(refused(path, &orderly_core::fix::Refusal::Outside)),
        }
    }

    /// Where a path leads by its words alone; links are for [`Beneath`].
    fn place(&self, path: &Path) -> Place {
        let Ok(inside) = path.strip_prefix(&self.folder) else { return Place::Outside };
        let parts: Option<Vec<&str>> = inside
            .components()
            .map(|part| match part {
                Component::Normal(name) => name.to_str(),
                _ => None,
            })
            .collect();
        parts.map_or(Place::Outside, |parts| Place::Inside(parts.join("/")))
    }

    /// Counts bytes against the budget; whether they are within it.
    fn spend(&self, bytes: usize) -> bool {
        let mut book = self.book();
        book.out = book.out.saturating_add(bytes as u64);
        let within = book.out <= self.most;
        if !within {
            self.overrun.notify_one();
        }
        within
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        // No step between taking and returning it can fail.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::invalid_params().data(serde_json::json!({"path": path, "refused": why.to_string()}))
}
