//! Files of one folder, read and written by relative paths: no link is followed, so nothing outside is reached, not even while
//! somebody swaps folders for links.

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

/// A folder.
#[derive(Debug)]
pub struct Beneath {
    root: OwnedFd,
}

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// A component is no plain name.
    #[error("it is no path below the folder")]
    NoPath,
    /// There is a link on the way, or at its end.
    #[error("there is a link on its way")]
    Link,
    /// A folder, a pipe, a device.
    #[error("it is no plain file")]
    NoFile,
    /// It is larger than anybody reads.
    #[error("it is larger than {0} bytes")]
    Large(u64),
    /// It is no UTF-8.
    #[error("it is no text")]
    NoText,
    /// The system says no.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl From<Errno> for Unreached {
    fn from(error: Errno) -> Self {
        match error {
            Errno::LOOP => Self::Link,
            other => Self::System(other.into()),
        }
    }
}

/// Whether folders on the way are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folders {
    Found,
    Made,
}

impl Beneath {
    /// Opens the folder itself.
    ///
    /// # Errors
    /// When it is not there.
    pub fn open(folder: &Path) -> Result<Self, Unreached> {
        Ok(Self { root: rustix::fs::open(folder, FOLDER, Mode::empty())? })
    }

    /// Reads a text of at most `most` bytes.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, path: &str, most: u64) -> Result<String, Unreached> {
        let (folder, name) = self.folder_of(path, Folders::Found)?;
        // Without NONBLOCK, opening a pipe would wait for its other end.
        let file = rustix::fs::openat(&folder, name, OFlags::RDONLY | FILE, Mode::empty())?;
        let file = plain(file)?;
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(Unreached::Large(most));
        }
        String::from_utf8(bytes).map_err(|_| Unreached::NoText)
    }

    /// Writes a text in place of what is there, and makes the folders that it lies in.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn write(&self, path: &str, text: &str) -> Result<(), Unreached> {
        let (folder, name) = self.folder_of(path, Folders::Made)?;
        let file = rustix::fs::openat(
            &folder,
            name,
            OFlags::WRONLY | OFlags::CREATE | FILE,
            Mode::from_raw_mode(0o644),
        )?;
        let mut file = plain(file)?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        Ok(())
    }

    fn folder_of<'a>(&self, path: &'a str, folders: Folders) -> Result<(OwnedFd, &'a str), Unreached> {
        let (way, name) = path.rsplit_once('/').unwrap_or(("", path));
        let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
        let mut folder = self.root.try_clone()?;
        for part in way.split('/').filter(|_| !way.is_empty()) {
            if !plain(part) {
                return Err(Unreached::NoPath);
            }
            folder = match rustix::fs::openat(&folder, part, FOLDER, Mode::empty()) {
                Err(Errno::NOENT) if folders == Folders::Made => {
                    rustix::fs::mkdirat(&folder, part, Mode::from_raw_mode(0o755))?;
                    rustix::fs::openat(&folder, part, FOLDER, Mode::empty())?
                }
                // What a link is told apart from what is no folder.
                Err(Errno::NOTDIR) if is_link(&folder, part) => return Err(Unreached::Link),
                opened => opened?,
            };
        }
        if plain(name) { Ok((folder, name)) } else { Err(Unreached::NoPath) }
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

fn plain(file: OwnedFd) -> Result<File, Unreached> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode);
    if kind == FileType::RegularFile { Ok(File::from(file)) } else { Err(Unreached::NoFile) }
}

fn is_link(folder: &OwnedFd, name: &str) -> bool {
    rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_below_the_folder_are_read_and_written_and_nothing_else_is() {
        let dir = tempfile::TempDir::new().unwrap();
        let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("secret"), "s").unwrap();
        symlink(&outside, inside.join("folder")).unwrap();
        symlink(outside.join("secret"), inside.join("file")).unwrap();
        symlink("../out/new", inside.join("dangling")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, inside.join("pipe"), Mode::from_raw_mode(0o600)).unwrap();
        let beneath = Beneath::open(&inside).unwrap();

        beneath.write("a/b/c.txt", "one longer text").unwrap();
        beneath.write("a/b/c.txt", "two").unwrap();
        assert_eq!(beneath.read("a/b/c.txt", 3).unwrap(), "two");
        assert!(matches!(beneath.read("a/b/c.txt", 2), Err(Unreached::Large(2))));
        std::fs::write(inside.join("bytes"), [0xff]).unwrap();
        assert!(matches!(beneath.read("bytes", 9), Err(Unreached::NoText)));

        for path in [
            "folder/secret",
            "file",
            "dangling",
            "../out/secret",
            "/etc/hostname",
            "",
            "a/../../out/secret",
            "a//b",
            "./file",
            "a",
            "pipe",
            "a\0b",
        ] {
            assert!(beneath.read(path, 99).is_err(), "{path:?} was read");
            assert!(beneath.write(path, "x").is_err(), "{path:?} was written");
        }
        assert!(matches!(beneath.read("folder/secret", 9), Err(Unreached::Link)));
        assert!(matches!(beneath.read("file", 9), Err(Unreached::Link)));
        assert_eq!(std::fs::read_to_string(outside.join("secret")).unwrap(), "s");
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    }
}
