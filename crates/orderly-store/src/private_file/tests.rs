use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the path was just created").mode() & 0o7777
}

#[test]
fn a_missing_folder_and_file_are_created_for_the_user_alone() {
    let base = tempfile::tempdir().unwrap();
    let path = base.path().join("a/b/ledger.db");
    let prepared = prepare(&path).unwrap();
    assert!(prepared.is_absolute());
    for folder in ["a", "a/b"] {
        assert_eq!(mode(&base.path().join(folder)), 0o700);
    }
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn an_existing_file_and_its_companions_lose_the_rights_of_others() {
    let base = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal"] {
        fs::write(base.path().join(name), "kept").unwrap();
        fs::set_permissions(base.path().join(name), Permissions::from_mode(0o664)).unwrap();
    }
    prepare(&base.path().join("ledger.db")).unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal"] {
        assert_eq!(mode(&base.path().join(name)), 0o600, "{name}");
        assert_eq!(fs::read(base.path().join(name)).unwrap(), b"kept");
    }
}

#[test]
fn a_link_is_refused_wherever_it_stands() {
    let base = tempfile::tempdir().unwrap();
    let elsewhere = base.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("file"), "").unwrap();
    symlink(&elsewhere, base.path().join("folder")).unwrap();
    symlink(elsewhere.join("file"), base.path().join("ledger.db")).unwrap();
    symlink(base.path().join("nowhere"), base.path().join("dangling.db")).unwrap();
    fs::create_dir(base.path().join("wal")).unwrap();
    symlink(elsewhere.join("file"), base.path().join("wal/ledger.db-wal")).unwrap();
    for path in ["folder/ledger.db", "ledger.db", "dangling.db", "wal/ledger.db"] {
        let refused = prepare(&base.path().join(path)).unwrap_err();
        assert!(matches!(refused, NotPrivate::Link(_)), "{path}: {refused}");
    }
    assert!(!base.path().join("nowhere").exists());
    assert!(!elsewhere.join("ledger.db").exists());
}

#[test]
fn a_folder_that_everybody_writes_to_is_refused() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("open");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o1777)).unwrap();
    let refused = prepare(&folder.join("ledger.db")).unwrap_err();
    assert!(matches!(refused, NotPrivate::WorldWritable(_)), "{refused}");
    assert!(!folder.join("ledger.db").exists());
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let base = tempfile::tempdir().unwrap();
    // Only root can give files away; everybody else finds a foreign folder and a foreign file in every system.
    if rustix::process::geteuid().is_root() {
        let folder = base.path().join("theirs");
        fs::create_dir(&folder).unwrap();
        std::os::unix::fs::chown(&folder, Some(12_345), None).unwrap();
        let file = base.path().join("theirs.db");
        fs::write(&file, "").unwrap();
        std::os::unix::fs::chown(&file, Some(12_345), None).unwrap();
        for path in [folder.join("ledger.db"), file] {
            let refused = prepare(&path).unwrap_err();
            assert!(matches!(refused, NotPrivate::Foreign { owner: 12_345, .. }), "{refused}");
        }
    } else {
        let refused = prepare(Path::new("/etc/passwd")).unwrap_err();
        assert!(matches!(refused, NotPrivate::Foreign { owner: 0, .. }), "{refused}");
    }
}

#[test]
fn a_folder_or_a_device_is_no_ledger() {
    let base = tempfile::tempdir().unwrap();
    fs::write(base.path().join("file"), "").unwrap();
    assert!(matches!(
        prepare(base.path()).unwrap_err(),
        NotPrivate::NotAFile(_) | NotPrivate::WorldWritable(_)
    ));
    assert!(matches!(prepare(&base.path().join("file/ledger.db")).unwrap_err(), NotPrivate::Io { .. }));
    assert!(matches!(prepare(Path::new("/")).unwrap_err(), NotPrivate::NoName(_)));
}
