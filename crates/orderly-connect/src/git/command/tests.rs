use super::*;
use std::fs;
use std::process::Command;

/// A repository whose configuration, hooks and attributes name a program that leaves a mark.
struct Trap {
    folder: tempfile::TempDir,
}

impl Trap {
    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn mark(&self) -> PathBuf {
        self.folder.path().join("mark")
    }

    fn set() -> Self {
        let trap = Self { folder: tempfile::tempdir().unwrap() };
        let at = trap.repository();
        fs::create_dir(&at).unwrap();
        let git = |arguments: &[&str]| {
            let mut command = quiet(&at);
            command.args(["-c", "user.name=n", "-c", "user.email=e@example.org"]).args(arguments);
            assert!(command.status().unwrap().success(), "git {arguments:?}");
        };
        git(&["init", "-q", "-b", "main"]);
        fs::write(at.join("a.txt"), "one\ntwo\n").unwrap();
        fs::write(at.join(".gitattributes"), "* diff=evil filter=evil merge=evil\n").unwrap();
        git(&["add", "."]);
        git(&["commit", "-qm", "first"]);
        fs::write(at.join("a.txt"), "one\n2\n").unwrap();

        let program = trap.folder.path().join("evil.sh");
        fs::write(&program, format!("#!/bin/sh\necho ran >> '{}'\ncat\n", trap.mark().display())).unwrap();
        executable(&program);
        for hook in [
            "pre-commit",
            "post-commit",
            "post-checkout",
            "commit-msg",
            "prepare-commit-msg",
            "post-index-change",
        ] {
            let hook = at.join(".git/hooks").join(hook);
            fs::create_dir_all(hook.parent().unwrap()).unwrap();
            fs::copy(&program, &hook).unwrap();
        }
        let evil = program.to_str().unwrap();
        for key in [
            "core.fsmonitor",
            "core.pager",
            "core.editor",
            "core.sshCommand",
            "core.askPass",
            "core.alternateRefsCommand",
            "pager.log",
            "diff.external",
            "diff.evil.command",
            "diff.evil.textconv",
            "filter.evil.clean",
            "filter.evil.smudge",
            "filter.Evil.process",
            "merge.evil.driver",
            "gpg.program",
            "gpg.ssh.defaultKeyCommand",
            "credential.helper",
            "credential.https://example.org.helper",
            "interactive.diffFilter",
            "trailer.sign.cmd",
            "sequence.editor",
        ] {
            git(&["config", key, evil]);
        }
        git(&["config", "filter.evil.required", "true"]);
        git(&["config", "commit.gpgSign", "true"]);
        git(&["config", "alias.status", &format!("!{evil}")]);
        trap
    }
}

/// Git as anybody starts it, for setting the trap.
fn quiet(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[cfg(unix)]
fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn nothing_that_a_repository_configures_is_started() {
    let trap = Trap::set();
    let git = Git::open(&trap.repository()).await.unwrap();
    for call in [
        git.call("status").arg("--porcelain"),
        git.call("ls-files").arg("-z"),
        git.call("diff"),
        git.call("diff").arg("HEAD"),
        git.call("log").args(&["-p", "--show-signature"]),
        git.call("log").value("-L", "1,2:a.txt"),
        git.call("blame").path("a.txt"),
        git.call("show").revision(&Revision::head()),
        git.call("add").path("a.txt"),
        git.call("commit")
            .args(&["-F", "-"])
            .input("second\n\nSigned-off-by: nobody\n")
            .variable("GIT_AUTHOR_NAME", "n")
            .variable("GIT_AUTHOR_EMAIL", "e@example.org")
            .variable("GIT_COMMITTER_NAME", "n")
            .variable("GIT_COMMITTER_EMAIL", "e@example.org"),
        git.call("worktree").arg("add").arg("-q").arg("--detach").folder(&trap.folder.path().join("second")),
        git.call("checkout").arg("-q").arg("HEAD~1"),
    ] {
        let said = format!("{call:?}");
        call.success().await.unwrap_or_else(|e| panic!("{e}\n{said}"));
        assert!(!trap.mark().exists(), "a program of the configuration ran in {said}");
    }
    let second = git.in_worktree(&trap.folder.path().join("second")).await.unwrap();
    assert_eq!(second.call("status").arg("--porcelain").success().await.unwrap().text(), "");
    assert_eq!(fs::read_to_string(trap.folder.path().join("second/a.txt")).unwrap(), "one\n2\n");

    // The trap is real: git by itself falls into it.
    fs::write(trap.repository().join("a.txt"), "three\n").unwrap();
    quiet(&trap.repository()).arg("diff").status().unwrap();
    assert!(trap.mark().exists());
}

#[tokio::test]
async fn paths_are_taken_literally_and_never_as_options() {
    let trap = Trap::set();
    let git = Git::open(&trap.repository()).await.unwrap();
    for path in [":(top)a.txt", "*.txt", "--all", "-p", ":/"] {
        let listed = git.call("ls-files").path(path).success().await.unwrap();
        assert_eq!(listed.text(), "", "{path}");
    }
    assert_eq!(git.call("ls-files").path("a.txt").success().await.unwrap().text(), "a.txt\n");
}

#[tokio::test]
async fn a_folder_outside_of_any_repository_is_named_in_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = Git::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, GitError::NoRepository { .. }), "{error}");
    assert!(error.to_string().contains(folder.path().to_str().unwrap()));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_a_failure() {
    let trap = Trap::set();
    let git = Git::open(&trap.repository()).await.unwrap();
    let error = git.call("log").limit(5).success().await.unwrap_err();
    assert!(matches!(error, GitError::TooLong { limit: 5, .. }), "{error}");
}

#[test]
fn names_that_git_could_take_for_something_else_are_no_revisions() {
    for bad in [
        "",
        "-h",
        "--all",
        "a..b",
        "HEAD~1",
        "a^",
        ":/text",
        "a:b",
        "@",
        "@{-1}",
        "a b",
        "a\0",
        "a.lock",
        "x/.y",
        "a//b",
        "$(x)",
        "\u{1b}[1m",
    ] {
        assert!(Revision::parse(bad).is_err(), "{bad:?}");
    }
    for good in ["main", "v1.2.3", "release/2024.1", "shop@1.2.0", "feature-x", "0123abc", "naïve"] {
        assert!(Revision::parse(good).is_ok(), "{good:?}");
    }
}
