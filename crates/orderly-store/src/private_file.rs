//! The file of a ledger: private to its user, and really the file it seems to be.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Why a file is not used as a ledger.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPrivate {
    #[error("{0} names no file")]
    NoName(PathBuf),
    #[error("{0} is not valid UTF-8, which SQLite asks for")]
    NotUtf8(PathBuf),
    #[error("{0} is a symbolic link: name the place itself")]
    Link(PathBuf),
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    #[cfg(unix)]
    #[error("{path} belongs to the user with id {owner}, and Orderly runs as {us}: use a ledger of your own")]
    Foreign { path: PathBuf, owner: u32, us: u32 },
    #[cfg(unix)]
    #[error(
        "everybody can write to the folder {0}: take that right away (`chmod o-w`) or use a folder of your own"
    )]
    WorldWritable(PathBuf),
    #[error("could not {what} {path}: {why}")]
    Io { what: &'static str, path: PathBuf, why: io::Error },
}

/// What SQLite keeps beside a file.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Creates the folder (0700) and the file (0600) as far as they are missing, refuses links and what belongs to somebody
/// else, takes the rights of others away from files that exist, and returns the absolute path.
///
/// SQLite gives the files that it adds later the mode of the ledger's file.
pub(crate) fn prepare(path: &Path) -> Result<PathBuf, NotPrivate> {
    // Closing *any* descriptor of a file drops all POSIX locks that this process has on it, also those of an open
    // SQLite connection. So nothing here opens a file that exists, and its creator closes it before others look.
    static CREATION: Mutex<()> = Mutex::new(());
    let _one_at_a_time = CREATION.lock().unwrap_or_else(PoisonError::into_inner);

    let name = path.file_name().ok_or_else(|| NotPrivate::NoName(path.to_owned()))?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_folder(folder)?;
    check_folder(folder)?;
    let folder = folder.canonicalize().map_err(failed("resolve", folder))?;
    let file = folder.join(name);
    if file.to_str().is_none() {
        return Err(NotPrivate::NotUtf8(file));
    }
    if !check_file(&file)? {
        create_file(&file)?;
        sync(&folder)?;
    }
    for companion in COMPANIONS {
        let mut name = file.clone().into_os_string();
        name.push(companion);
        check_file(Path::new(&name))?;
    }
    Ok(file)
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> NotPrivate {
    let path = path.to_owned();
    move |why| NotPrivate::Io { what, path, why }
}

fn create_folder(folder: &Path) -> Result<(), NotPrivate> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|a| !a.as_os_str().is_empty() && !a.exists()).collect();
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed("create", folder))?;
    for created in missing {
        match created.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync(parent)?,
            _ => sync(Path::new("."))?,
        }
    }
    Ok(())
}

/// A new name is durable once its folder is.
fn sync(folder: &Path) -> Result<(), NotPrivate> {
    if cfg!(unix) {
        std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(failed("make durable", folder))?;
    }
    Ok(())
}

fn create_file(file: &Path) -> Result<(), NotPrivate> {
    let mut options = std::fs::OpenOptions::new();
    // `create_new` follows no link.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_file(file).map(|_| ()),
        Err(error) => Err(failed("create", file)(error)),
    }
}

fn check_folder(folder: &Path) -> Result<(), NotPrivate> {
    let found = std::fs::symlink_metadata(folder).map_err(failed("look at", folder))?;
    if found.is_symlink() {
        return Err(NotPrivate::Link(folder.to_owned()));
    }
    if !found.is_dir() {
        return Err(NotPrivate::NotAFolder(folder.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let us = rustix::process::geteuid().as_raw();
        // What root owns is in good hands.
        if found.uid() != us && found.uid() != 0 {
            return Err(NotPrivate::Foreign { path: folder.to_owned(), owner: found.uid(), us });
        }
        if found.mode() & 0o002 != 0 {
            return Err(NotPrivate::WorldWritable(folder.to_owned()));
        }
    }
    Ok(())
}

/// Whether a file exists; one that does is ours alone afterwards.
fn check_file(file: &Path) -> Result<bool, NotPrivate> {
    let found = match std::fs::symlink_metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed("look at", file)(error)),
    };
    if found.is_symlink() {
        return Err(NotPrivate::Link(file.to_owned()));
    }
    if !found.is_file() {
        return Err(NotPrivate::NotAFile(file.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let us = rustix::process::geteuid().as_raw();
        if found.uid() != us {
            return Err(NotPrivate::Foreign { path: file.to_owned(), owner: found.uid(), us });
        }
        if found.mode() & 0o077 != 0 {
            let private = std::fs::Permissions::from_mode(found.mode() & 0o700);
            match std::fs::set_permissions(file, private) {
                // A companion that another process has just folded away.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                other => other.map_err(failed("make private", file))?,
            }
        }
    }
    Ok(true)
}

#[cfg(all(test, unix))]
mod tests;
