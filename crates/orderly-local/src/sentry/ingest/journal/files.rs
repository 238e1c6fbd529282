//! The files of the journal, numbered `ingest-00000001.journal` upwards. One is written; the others wait until everything
//! in them is filed. Then two of them are kept to be written again: waiting for the disk takes less time, and less of what
//! others write, where nothing but old bytes is overwritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::record;
use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::store::journal_position::Position;
use crate::sentry::store::payloads::Dictionaries;

/// Bytes of a file. Events that are written together and need more make it longer.
const SIZE: u64 = 4 << 20;

/// Files of this size, to be written next: one of them while the one before is still being filed.
const SPARES: [&str; 2] = ["ingest-spare-1.journal", "ingest-spare-2.journal"];

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
    pub(super) fn open(
        folder: &Path,
        filed: Position,
        dictionaries: &Dictionaries,
    ) -> io::Result<(Self, Vec<LeftOver>)> {
        let mut left_over = Vec::new();
        let mut last = filed.segment;
        for segment in segments(folder)? {
            last = last.max(segment);
            if segment >= filed.segment {
                let start = if segment == filed.segment { filed.offset } else { 0 };
                let start = Position { segment, offset: start };
                read(&path(folder, segment), start, dictionaries, &mut left_over)?;
            }
        }
        let end = Position { segment: last, offset: 0 };
        Ok((Self { folder: folder.to_owned(), file: None, end }, left_over))
    }

    /// Makes the files to be written next, where there are none.
    pub(super) fn prepare(&self) -> io::Result<()> {
        for spare in self.spares().filter(|spare| !is_whole(spare)) {
            let mut file = create(&spare)?;
            // Blocks that were never written would cost more when they are.
            let zeros = vec![0; 64 << 10];
            for _ in 0..SIZE / zeros.len() as u64 {
                file.write_all(&zeros)?;
            }
            file.sync_all()?;
        }
        Ok(())
    }

    fn spares(&self) -> impl Iterator<Item = PathBuf> {
        SPARES.iter().map(|spare| self.folder.join(spare))
    }

    /// Where the next bytes go when there are so many of them: to another file if this one is full.
    pub(super) fn room_for(&mut self, bytes: u64) -> io::Result<Position> {
        let has_room = self.end.offset + bytes <= SIZE || self.end.offset == 0;
        if self.file.is_none() || !has_room {
            self.file = None;
            self.end = Position { segment: self.end.segment + 1, offset: 0 };
            self.file = Some(self.begin()?);
        }
        Ok(self.end)
    }

    /// Adds bytes where there is room for them; when it returns, a power cut cannot take them away.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // After a failure nobody knows what the file holds, and it is not written to again.
        let Some(mut file) = self.file.take() else { return Err(io::ErrorKind::NotFound.into()) };
        file.write_all(bytes)?;
        file.sync_data()?;
        self.end.offset += bytes.len() as u64;
        self.file = Some(file);
        Ok(())
    }

    /// Takes the next file.
    fn begin(&self) -> io::Result<File> {
        let path = path(&self.folder, self.end.segment);
        let find_spare = || self.spares().find(|spare| is_whole(spare));
        let spare = match find_spare() {
            Some(spare) => spare,
            None => {
                self.prepare()?;
                find_spare().ok_or(io::ErrorKind::NotFound)?
            }
        };
        std::fs::rename(spare, &path)?;
        let file = OpenOptions::new().write(true).open(path)?;
        // The name has to survive, too.
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(file)
    }
}

/// Removes the files before this one, except for those that can be written again.
pub(super) fn remove_before(folder: &Path, segment: u32) -> io::Result<()> {
    for old in segments(folder)?.into_iter().filter(|old| *old < segment) {
        let old = path(folder, old);
        let place = SPARES.iter().map(|spare| folder.join(spare)).find(|spare| !spare.exists());
        match place.filter(|_| is_whole(&old)) {
            Some(spare) => std::fs::rename(old, spare)?,
            None => std::fs::remove_file(old)?,
        }
    }
    Ok(())
}

fn is_whole(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.len() == SIZE)
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

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read(
    path: &Path,
    start: Position,
    dictionaries: &Dictionaries,
    left_over: &mut Vec<LeftOver>,
) -> io::Result<()> {
    let bytes = std::fs::read(path)?;
    let mut offset = usize::try_from(start.offset).unwrap_or(usize::MAX).min(bytes.len());
    while let Some((project, event, length)) = record::decode(&bytes[offset..], start.segment, dictionaries) {
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

    fn open(folder: &Path, filed: Position) -> (Files, Vec<LeftOver>) {
        Files::open(folder, filed, &Dictionaries::default()).unwrap()
    }

    fn messages(left_over: &[LeftOver]) -> Vec<&str> {
        left_over.iter().map(|one| one.event.message.as_str()).collect()
    }

    fn write(files: &mut Files, message: &str) -> Position {
        let event = event(message);
        let start = files.room_for(record::size(&event)).unwrap();
        let mut bytes = Vec::new();
        record::encode(&mut bytes, start.segment, 1, &event);
        files.append(&bytes).unwrap();
        start
    }

    #[test]
    fn what_is_not_filed_is_found_again_in_order_whatever_was_cut_off_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut files, left_over) = open(folder.path(), Position::default());
        assert!(left_over.is_empty());
        write(&mut files, "a");
        let filed = files.end;
        write(&mut files, "b");
        let last = write(&mut files, "c");
        let torn = path(folder.path(), last.segment);
        let mut bytes = std::fs::read(&torn).unwrap();
        bytes[usize::try_from(files.end.offset).unwrap() - 1] ^= 1;
        std::fs::write(&torn, bytes).unwrap();
        drop(files);

        let (mut files, left_over) = open(folder.path(), filed);
        assert_eq!(messages(&left_over), ["b"]);
        let start = files.room_for(1).unwrap();
        assert!(start > left_over[0].end);
        let (_, again) = open(folder.path(), Position::default());
        assert_eq!(messages(&again), ["a", "b"], "looking does not use it up");
        remove_before(folder.path(), start.segment).unwrap();
        let (_, none) = open(folder.path(), left_over[0].end);
        assert!(none.is_empty());
    }

    #[test]
    fn a_file_that_is_written_again_has_none_of_its_older_events() {
        let folder = tempfile::tempdir().unwrap();
        let (mut files, _) = open(folder.path(), Position::default());
        write(&mut files, "old");
        write(&mut files, "old as well");
        for spare in SPARES {
            std::fs::remove_file(folder.path().join(spare)).ok();
        }
        let written_before = files.end.segment;
        remove_before(folder.path(), written_before + 1).unwrap();
        assert!(segments(folder.path()).unwrap().is_empty());
        files.room_for(SIZE).unwrap();
        write(&mut files, "old");
        let (_, left_over) = open(folder.path(), Position::default());
        assert_eq!(messages(&left_over), ["old"], "the second one is behind it, of an older use");
        assert_eq!(left_over[0].end.segment, written_before + 1);
    }

    #[test]
    fn events_that_need_more_than_a_file_make_it_longer_and_it_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut files, _) = open(folder.path(), Position::default());
        let start = files.room_for(SIZE + 1).unwrap();
        files.append(&vec![0; usize::try_from(SIZE + 1).unwrap()]).unwrap();
        assert!(files.room_for(1).unwrap().segment > start.segment);
        remove_before(folder.path(), start.segment + 1).unwrap();
        assert!(!path(folder.path(), start.segment).exists());
        assert!(SPARES.iter().any(|spare| !folder.path().join(spare).exists()));
    }
}
