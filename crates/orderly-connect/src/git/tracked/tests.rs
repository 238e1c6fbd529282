use super::*;
use std::fs;
use std::process::{Command, Output, Stdio};

/// A repository with a commit that the index then leaves behind.
struct Repository {
    folder: tempfile::TempDir,
    release: CommitId,
}

impl Repository {
    fn new(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &[&["init", "-q", "-b", "main"], options].concat());
        for number in 0..40 {
            write(folder.path(), &format!("src/part{}/file{number}.rs", number % 4), "text\n");
        }
        write(folder.path(), "top.rs", "text\n");
        write(folder.path(), "ünicode name.rs", "text\n");
        run(folder.path(), &["add", "."]);
        run(folder.path(), &["commit", "-qm", "release"]);
        let release = CommitId::parse(run(folder.path(), &["rev-parse", "HEAD"]).trim()).unwrap();
        write(folder.path(), "src/part1/later.rs", "text\n");
        run(folder.path(), &["rm", "-q", "src/part2/file2.rs", "src/part3/file3.rs"]);
        run(folder.path(), &["mv", "top.rs", "src/top.rs"]);
        run(folder.path(), &["add", "."]);
        run(folder.path(), &["commit", "-qm", "later"]);
        Self { folder, release }
    }

    fn git(&self, arguments: &[&str]) -> String {
        run(self.folder.path(), arguments)
    }

    /// What both ways say of the release; they must agree whenever the index is enough.
    async fn both(&self) -> (Option<Vec<String>>, Vec<String>) {
        let git = Git::open(self.folder.path()).await.unwrap();
        let owned = |files: TrackedFiles| files.iter().map(str::to_owned).collect();
        let listed = owned(git.listed(&self.release).await.unwrap());
        assert_eq!(listed, owned(git.tracked_by(&self.release).await.unwrap()));
        (git.indexed(&self.release).await.map(owned), listed)
    }

    async fn agree(&self) {
        let (quick, listed) = self.both().await;
        assert_eq!(quick.unwrap(), listed);
    }

    async fn must_be_listed(&self) {
        assert_eq!(self.both().await.0, None);
    }
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = outcome(folder, arguments);
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Git with a name to commit under, whoever runs the tests.
fn outcome(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::null());
    command.args(["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always"]);
    command.args(arguments).output().unwrap()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[tokio::test]
async fn a_release_that_is_not_head_is_read_from_the_index_as_git_lists_it() {
    Repository::new(&[]).agree().await;
    Repository::new(&["--object-format=sha256"]).agree().await;
}

#[tokio::test]
async fn what_is_staged_and_not_committed_does_not_count() {
    let repository = Repository::new(&[]);
    write(repository.folder.path(), "src/staged.rs", "text\n");
    write(repository.folder.path(), "src/part2/file2.rs", "again\n");
    repository.git(&["add", "src/staged.rs", "src/part2/file2.rs"]);
    repository.git(&["rm", "-q", "--cached", "src/part1/file1.rs"]);
    repository.agree().await;
}

#[tokio::test]
async fn every_layout_of_an_index_is_read() {
    for settings in [&["--index-version", "4"][..], &["--split-index"], &["--untracked-cache"]] {
        let repository = Repository::new(&[]);
        repository.git(&[&["update-index"], settings].concat());
        write(repository.folder.path(), "src/staged.rs", "text\n");
        repository.git(&["add", "src/staged.rs"]);
        repository.agree().await;
    }
}

#[tokio::test]
async fn a_submodule_is_one_path() {
    let (repository, inner) = (Repository::new(&[]), Repository::new(&[]));
    let inner = inner.folder.path().to_str().unwrap();
    repository.git(&["submodule", "--quiet", "add", inner, "inner"]);
    repository.git(&["commit", "-qm", "a submodule"]);
    let release = CommitId::parse(repository.git(&["rev-parse", "HEAD"]).trim()).unwrap();
    repository.git(&["rm", "-q", "--cached", "inner"]);
    repository.git(&["config", "diff.ignoreSubmodules", "all"]);
    Repository { folder: repository.folder, release }.agree().await;
}

#[tokio::test]
async fn another_worktree_has_an_index_of_its_own() {
    let repository = Repository::new(&[]);
    let second = repository.folder.path().join("second");
    repository.git(&["worktree", "add", "-q", "--detach", second.to_str().unwrap()]);
    run(&second, &["rm", "-q", "-r", "src/part0"]);
    let git = Git::open(&second).await.unwrap();
    let quick = git.indexed(&repository.release).await.unwrap();
    let listed = git.listed(&repository.release).await.unwrap();
    assert!(quick.iter().eq(listed.iter()));
}

#[tokio::test]
async fn an_index_that_says_too_little_is_not_used() {
    let merging = Repository::new(&[]);
    merging.git(&["checkout", "-q", "-b", "other", merging.release.as_str()]);
    write(merging.folder.path(), "src/part0/file0.rs", "theirs\n");
    merging.git(&["commit", "-qam", "theirs"]);
    merging.git(&["checkout", "-q", "main"]);
    write(merging.folder.path(), "src/part0/file0.rs", "ours\n");
    merging.git(&["commit", "-qam", "ours"]);
    let merged = outcome(merging.folder.path(), &["merge", "-q", "other"]);
    assert!(String::from_utf8_lossy(&merged.stdout).contains("CONFLICT"), "{merged:?}");
    merging.must_be_listed().await;

    let sparse = Repository::new(&[]);
    sparse.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "src/part1"]);
    sparse.must_be_listed().await;

    let meant = Repository::new(&[]);
    write(meant.folder.path(), "src/part2/file2.rs", "again\n");
    meant.git(&["add", "--intent-to-add", "src/part2/file2.rs"]);
    meant.must_be_listed().await;

    let damaged = Repository::new(&[]);
    fs::write(damaged.folder.path().join(".git/index"), "DIRC\0\0\0\u{2}\0\0\0\u{9}").unwrap();
    damaged.must_be_listed().await;

    let without = Repository::new(&[]);
    fs::remove_file(without.folder.path().join(".git/index")).unwrap();
    without.must_be_listed().await;
}
