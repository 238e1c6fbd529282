//! The files of the journal, numbered `ingest-00000001.journal` upwards. One is written at its end; the others wait
//! until everything in them is filed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::record;
use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::store::journal_position::Position;

/// A file that has so many bytes is not added to any more.
const FULL: u64 = 32 << 20;

/// The file that is written, and where.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// None before the first bytes of a file.
    file: Option<File>,
    end: Position,
}

/// An event that was acknowledged and not filed before the last end of the program.
#[derive(Debug)]
pub(in crate::sentry::ingest) struct LeftOver {
    /// Row id of its project.
    pub project: i64,
    /// The event.
    pub event: PreparedEvent,
    /// Where it ends.
    pub end: Position,
}

impl Files {
    /// Reads what is left over after `filed`. What is added goes to a new file.
    pub(super) fn open(folder: &Path, filed: Position) -> io::Result<(Self, Vec<LeftOver>)> {
        let mut left_over = Vec::new();
        let mut last = filed.segment;
        for segment in segments(folder)? {
            last = last.max(segment);
            if segment >= filed.segment {
                let start = if segment == filed.segment { filed.offset } else { 0 };
                read(&path(folder, segment), Position { segment, offset: start }, &mut left_over)?;
            }
        }
        let end = Position { segment: last, offset: 0 };
        Ok((Self { folder: folder.to_owned(), file: None, end }, left_over))
    }

    /// Adds bytes, and says where they begin; when it returns, a power cut cannot take them away.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<Position> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                self.end = Position { segment: self.end.segment + 1, offset: 0 };
                create(&self.folder, self.end.segment)?
            }
        };
        // After a failure nobody knows what the file holds, and its end is not written to again.
        file.write_all(bytes)?;
        file.sync_data()?;
        let start = self.end;
        self.end.offset += bytes.len() as u64;
        self.file = (self.end.offset < FULL).then_some(file);
        Ok(start)
    }
}

/// Removes the files before this one.
pub(super) fn remove_before(folder: &Path, segment: u32) -> io::Result<()> {
    for old in segments(folder)?.into_iter().filter(|old| *old < segment) {
        std::fs::remove_file(path(folder, old))?;
    }
    Ok(())
}

/// The numbers of the files, the oldest first.
fn segments(folder: &Path) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("ingest-")?.strip_suffix(".journal"));
        found.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

fn path(folder: &Path, segment: u32) -> PathBuf {
    folder.join(format!("ingest-{segment:08}.journal"))
}

fn create(folder: &Path, segment: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path(folder, segment))?;
    // The name has to survive, too.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(file)
}

fn read(path: &Path, start: Position, left_over: &mut Vec<LeftOver>) -> io::Result<()> {
    let bytes = std::fs::read(path)?;
    let mut offset = usize::try_from(start.offset).unwrap_or(usize::MAX).min(bytes.len());
    while let Some((project, event, length)) = record::decode(&bytes[offset..]) {
        offset += length;
        let end = Position { segment: start.segment, offset: offset as u64 };
        left_over.push(LeftOver { project, event, end });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sentry::ingest::normalize::Arrival;

    fn event(message: &str) -> PreparedEvent {
        let arrival = Arrival { envelope_id: None, received: "2026-03-10T12:00:00Z".parse().unwrap() };
        let sent = json!({ "message": message });
        PreparedEvent::new(sent.as_object().unwrap().into(), 1, arrival).unwrap()
    }

    fn messages(left_over: &[LeftOver]) -> Vec<&str> {
        left_over.iter().map(|one| one.event.message.as_str()).collect()
    }

    #[test]
    fn what_is_not_filed_is_found_again_in_order_whatever_was_cut_off_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut files, left_over) = Files::open(folder.path(), Position::default()).unwrap();
        assert!(left_over.is_empty());
        let mut filed = Position::default();
        for (number, message) in ["a", "b", "c"].into_iter().enumerate() {
            let mut bytes = Vec::new();
            record::encode(&mut bytes, 1, &event(message));
            files.append(&bytes).unwrap();
            if number == 0 {
                filed = files.end;
            }
        }
        let torn = path(folder.path(), files.end.segment);
        let mut bytes = std::fs::read(&torn).unwrap();
        bytes.truncate(bytes.len() - 1);
        std::fs::write(&torn, bytes).unwrap();
        drop(files);

        let (mut files, left_over) = Files::open(folder.path(), filed).unwrap();
        assert_eq!(messages(&left_over), ["b"]);
        let start = files.append(b"").unwrap();
        assert!(start > left_over[0].end);
        let (_, again) = Files::open(folder.path(), Position::default()).unwrap();
        assert_eq!(messages(&again), ["a", "b"], "looking does not use it up");
        remove_before(folder.path(), start.segment).unwrap();
        let (_, none) = Files::open(folder.path(), left_over[0].end).unwrap();
        assert!(none.is_empty());
    }
}
