//! Recorded incidents: a folder each. What is read may come from anybody: only plain files of the names that a recording
//! has are opened, no larger than they are allowed to be.

use orderly_core::incident::replay::{
    BadRecording, MANIFEST, MOST_BYTES, Manifest, NotRecorded, Part, Recording,
};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

/// Why a folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// There is something in it.
    #[error("{folder} is there and not empty; nothing was written")]
    NotEmpty {
        /// The folder.
        folder: String,
    },
    /// It holds no recording.
    #[error("{folder} holds no recording: {why}")]
    None {
        /// The folder.
        folder: String,
        /// What is missing, or in the place of it.
        why: String,
    },
    /// It holds something else than what was recorded.
    #[error("{folder} cannot be played: {why}")]
    Bad {
        /// The folder.
        folder: String,
        /// What is wrong with it.
        why: BadRecording,
    },
    /// The incident cannot be recorded.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    /// The file system refused.
    #[error("{what} cannot be {tried}")]
    Io {
        /// The file or folder.
        what: String,
        /// What was tried: `written`, `read`.
        tried: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

/// Writes a recording into a folder that is empty or not there yet, its manifest last.
///
/// # Errors
/// When there is something in the folder already, or it cannot be written.
pub fn keep_recording(folder: &Path, recording: &Recording) -> Result<Manifest, RecordingError> {
    let (manifest, files) = recording.files()?;
    let io = |what: &Path, tried| {
        let what = shown(what);
        move |source| RecordingError::Io { what, tried, source }
    };
    std::fs::create_dir_all(folder).map_err(io(folder, "made"))?;
    if std::fs::read_dir(folder).map_err(io(folder, "read"))?.next().is_some() {
        return Err(RecordingError::NotEmpty { folder: shown(folder) });
    }
    for (name, text) in files {
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(io(&path, "written"))?;
    }
    Ok(manifest)
}

/// Reads the recording of a folder.
///
/// # Errors
/// When it holds none, or something that was not recorded.
pub fn read_recording(folder: &Path) -> Result<Recording, RecordingError> {
    let bad = |why| RecordingError::Bad { folder: shown(folder), why };
    let manifest = Manifest::read(&plain_file(folder, MANIFEST)?).map_err(bad)?;
    let mut files = BTreeMap::new();
    for part in Part::ALL {
        files.insert(part, plain_file(folder, part.file())?);
    }
    Recording::read(&manifest, &files).map_err(bad)
}

/// What a plain file of the folder holds.
fn plain_file(folder: &Path, name: &str) -> Result<Vec<u8>, RecordingError> {
    let path = folder.join(name);
    let none = |why: String| RecordingError::None { folder: shown(folder), why };
    let io = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => none(format!("{name} is not there")),
        _ => RecordingError::Io { what: shown(&path), tried: "read", source },
    };
    // A link leads elsewhere, and a pipe never ends: neither is opened.
    let seen = std::fs::symlink_metadata(&path).map_err(io)?;
    if !seen.is_file() {
        return Err(none(format!("{name} is no plain file")));
    }
    let file = opened(&path).map_err(io)?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > MOST_BYTES {
        return Err(none(format!("{name} is larger than {} MiB", MOST_BYTES >> 20)));
    }
    Ok(bytes)
}

/// Opens a file, and follows no link that has taken its place meanwhile.
fn opened(path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
    }
    #[cfg(not(unix))]
    File::open(path)
}

/// A path that a person gave, on one line.
fn shown(path: &Path) -> String {
    orderly_core::encode::terminal::line(&orderly_core::untrusted::Untrusted::new(path.display().to_string()))
}
