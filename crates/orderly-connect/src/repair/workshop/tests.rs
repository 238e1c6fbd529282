use super::*;
use orderly_core::digest::of_bytes;
use orderly_core::fix::{CASE_VERSION, CaseKey, Check, CheckRun, FileKind, Outcome, RECEIPT_VERSION, Stage};
use orderly_core::ids::{Digest, IssueId, OrgSlug, ProjectSlug, RunId, SentryHost, ShortId};
use orderly_core::time::Timestamp;
use orderly_core::verify::Before;
use std::fs;
use std::process::Command;

/// A repository with two commits, and a folder for worktrees.
struct Bench {
    folder: tempfile::TempDir,
    workshop: GitWorkshop,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap().join("shop");
        fs::create_dir(&top).unwrap();
        git(&top, &["init", "-q", "-b", "main"]);
        fs::write(top.join("a.py"), "print(1)\n").unwrap();
        fs::write(top.join(".gitignore"), "build/\n").unwrap();
        commit(&top, "One");
        fs::write(top.join("a.py"), "print(2)\n").unwrap();
        commit(&top, "Two");
        let workshop = GitWorkshop::open(&top, &top.with_file_name("worktrees")).await.unwrap();
        Self { folder, workshop }
    }

    fn top(&self) -> PathBuf {
        self.workshop.folder().to_owned()
    }

    async fn case(&self, short: &str) -> Case {
        let standing = self.workshop.standing().await.unwrap();
        let crashed = git(&self.top(), &["rev-parse", "HEAD~1"]);
        Case {
            version: CASE_VERSION,
            key: CaseKey {
                host: SentryHost::new("sentry.example"),
                org: OrgSlug::new("acme"),
                issue: IssueId(7),
                run: RunId::new("20261121T120000Z-abcdef"),
            },
            short_id: ShortId::new(short),
            project: ProjectSlug::new("backend"),
            title: "boom".into(),
            permalink: "https://sentry.example/organizations/acme/issues/7/".to_owned(),
            related: Vec::new(),
            found: Vec::new(),
            repository: standing.repository,
            plan: Digest::new("plan"),
            before: Before { events: 1, hours: 1.0 },
            agent: "script".to_owned(),
            opened_at: Timestamp::UNIX_EPOCH,
            base: standing.head,
            crashed: Some(CommitId::parse(crashed.trim()).unwrap()),
            branch: format!("orderly/{}", short.to_lowercase()),
            declared: Vec::new(),
            checks: Vec::new(),
            stage: Stage::Opened,
        }
    }

    /// Changes `a.py` in the worktree of a case and commits it.
    async fn committed(&self, case: &Case) -> CommitId {
        self.workshop.place(case).await.unwrap();
        self.workshop.prepare(case, Start::Base).await.unwrap();
        fs::write(self.workshop.work_folder(case).join("a.py"), "print(3)\n").unwrap();
        let change = self.workshop.change(case).await.unwrap();
        let tree = self.workshop.stage(case, &change).await.unwrap();
        self.workshop.commit(case, &receipt(case, tree), "Three\n").await.unwrap()
    }

    fn worktrees(&self) -> usize {
        git(&self.top(), &["worktree", "list"]).lines().count()
    }

    fn branches(&self) -> Vec<String> {
        let listed = git(&self.top(), &["branch", "--format=%(refname:short)"]);
        listed.lines().map(str::to_owned).collect()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=n", "-c", "user.email=e@example.org"]);
    command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn commit(top: &Path, message: &str) {
    git(top, &["add", "--all"]);
    git(top, &["commit", "-qm", message]);
}

fn receipt(case: &Case, tree: TreeId) -> Receipt {
    let check = Check { name: "test".to_owned(), argv: vec!["test".to_owned()] };
    let output = of_bytes(b"ok");
    let passed =
        CheckRun { check, outcome: Outcome::Passed, output, failures: Default::default(), tail: "ok".into() };
    Receipt {
        version: RECEIPT_VERSION,
        issue: case.key.issue,
        short_id: case.short_id.clone(),
        related: Vec::new(),
        plan: case.plan.clone(),
        base: case.base.clone(),
        tree,
        agent: "script".to_owned(),
        tries: 1,
        sandbox: "none".to_owned(),
        before: vec![passed.clone()],
        red: Vec::new(),
        after: vec![passed],
        at: Timestamp::UNIX_EPOCH,
    }
}

fn branches() -> Vec<String> {
    vec!["main".to_owned()]
}

#[tokio::test]
async fn a_case_has_a_worktree_to_change_one_to_check_and_the_code_that_crashed_beside_them() {
    let bench = Bench::new().await;
    let case = bench.case("A-1").await;
    for _ in 0..2 {
        bench.workshop.place(&case).await.unwrap();
    }
    let read = |folder: &Path| fs::read_to_string(folder.join("a.py")).unwrap();
    assert_eq!(read(&bench.workshop.work_folder(&case)), "print(2)\n");
    assert_eq!(read(&bench.workshop.check_folder(&case)), "print(2)\n");
    assert_eq!(read(&bench.workshop.crashed_folder(&case).unwrap()), "print(1)\n");
    assert_eq!(bench.workshop.crashed_folder(&Case { crashed: None, ..case.clone() }), None);
    for _ in 0..2 {
        bench.workshop.clean_up(&case, Keep::Nothing).await.unwrap();
    }
    assert_eq!((bench.worktrees(), bench.branches()), (1, branches()));
}

#[tokio::test]
async fn an_attempt_begins_with_the_base_or_with_what_the_last_one_left() {
    let bench = Bench::new().await;
    let case = bench.case("A-1").await;
    bench.workshop.place(&case).await.unwrap();
    let work = bench.workshop.work_folder(&case);
    fs::write(work.join("a.py"), "broken\n").unwrap();
    fs::create_dir(work.join("build")).unwrap();
    fs::write(work.join("build/out"), "x").unwrap();
    bench.workshop.prepare(&case, Start::AsLeft).await.unwrap();
    assert_eq!(fs::read_to_string(work.join("a.py")).unwrap(), "broken\n");
    bench.workshop.prepare(&case, Start::Base).await.unwrap();
    assert_eq!(fs::read_to_string(work.join("a.py")).unwrap(), "print(2)\n");
    assert!(!work.join("build").exists(), "also what is ignored");
}

#[tokio::test]
async fn exactly_the_change_is_staged_and_the_same_commit_is_made_however_often() {
    let bench = Bench::new().await;
    let case = bench.case("A-1").await;
    bench.workshop.place(&case).await.unwrap();
    let work = bench.workshop.work_folder(&case);
    fs::write(work.join("a.py"), "print(3)\n").unwrap();
    fs::write(work.join("new.py"), "x = 1\ny = 2\n").unwrap();
    fs::create_dir(work.join("build")).unwrap();
    fs::write(work.join("build/out"), "x").unwrap();
    let change = bench.workshop.change(&case).await.unwrap();
    let files: Vec<_> = change.files.iter().map(|f| (f.path.as_str(), f.kind, f.added, f.removed)).collect();
    assert_eq!(files, [("a.py", FileKind::Text, 1, 1), ("new.py", FileKind::Text, 2, 0)]);
    let tree = bench.workshop.stage(&case, &change).await.unwrap();
    bench.workshop.show(&case, &Scene::Tree(tree.clone())).await.unwrap();
    let check = bench.workshop.check_folder(&case);
    assert_eq!(fs::read_to_string(check.join("new.py")).unwrap(), "x = 1\ny = 2\n");
    let only = Scene::BaseWith { tree: tree.clone(), paths: vec!["new.py".to_owned()] };
    bench.workshop.show(&case, &only).await.unwrap();
    assert_eq!(fs::read_to_string(check.join("a.py")).unwrap(), "print(2)\n");
    assert!(check.join("new.py").exists());

    let receipt = receipt(&case, tree.clone());
    let made = bench.workshop.commit(&case, &receipt, "Three\n").await.unwrap();
    assert_eq!(bench.workshop.commit(&case, &receipt, "Three\n").await.unwrap(), made);
    assert_eq!(
        git(&bench.top(), &["show", "--format=%T", "--name-only", made.as_str()]).trim(),
        format!("{}\n\na.py\nnew.py", tree.as_str())
    );
    assert!(
        git(&bench.top(), &["notes", "--ref=orderly", "show", made.as_str()]).starts_with("Orderly receipt")
    );
}

#[tokio::test]
async fn a_repository_that_was_put_in_the_place_of_the_worktree_is_not_worked_with() {
    let bench = Bench::new().await;
    let case = bench.case("A-1").await;
    bench.workshop.place(&case).await.unwrap();
    let work = bench.workshop.work_folder(&case);
    fs::remove_file(work.join(".git")).unwrap();
    git(&work, &["init", "-q"]);
    let refused = bench.workshop.change(&case).await.unwrap_err();
    assert!(refused.0.contains("its `.git` is not the one that was made for it"), "{refused}");
}

#[tokio::test]
async fn a_commit_lands_on_an_allowed_branch_that_has_not_moved_and_else_stays() {
    let bench = Bench::new().await;
    let case = bench.case("A-1").await;
    let commit = bench.committed(&case).await;
    let stays = |landing| match landing {
        Landing::Stays(why) => why,
        Landing::Arrived(arrived) => panic!("{arrived:?}"),
    };
    let other = ["release".to_owned()];
    let why = stays(bench.workshop.land(&case, &commit, Land::FastForward, &other).await.unwrap());
    assert!(why.contains("`main` is checked out, which is not one of `fix.branches`"), "{why}");
    let why = stays(bench.workshop.land(&case, &commit, Land::Branch, &branches()).await.unwrap());
    assert!(why.contains("merge `orderly/a-1`"), "{why}");
    for _ in 0..2 {
        let landed = bench.workshop.land(&case, &commit, Land::FastForward, &branches()).await.unwrap();
        let Landing::Arrived(arrived) = landed else { panic!("{landed:?}") };
        assert_eq!((arrived.commit, arrived.branch.as_str()), (commit.clone(), "main"));
    }
    assert_eq!(git(&bench.top(), &["rev-parse", "main"]).trim(), commit.as_str());

    let late = bench.case("A-2").await;
    fs::write(bench.top().join("b.py"), "").unwrap();
    let made = {
        bench.workshop.place(&late).await.unwrap();
        fs::write(bench.workshop.work_folder(&late).join("a.py"), "print(4)\n").unwrap();
        let change = bench.workshop.change(&late).await.unwrap();
        let tree = bench.workshop.stage(&late, &change).await.unwrap();
        bench.workshop.commit(&late, &receipt(&late, tree), "Four\n").await.unwrap()
    };
    super::tests::commit(&bench.top(), "Somebody else");
    let why = stays(bench.workshop.land(&late, &made, Land::FastForward, &branches()).await.unwrap());
    assert!(why.contains("`main` has moved since the checks ran"), "{why}");
}

#[tokio::test]
async fn what_cases_left_behind_is_cleared_but_not_of_open_ones_and_no_commit_is_lost() {
    let bench = Bench::new().await;
    let (failed, open) = (bench.case("FAILED-1").await, bench.case("OPEN-2").await);
    let waits = bench.case("WAITS-3").await;
    bench.workshop.place(&failed).await.unwrap();
    bench.workshop.place(&open).await.unwrap();
    let commit = bench.committed(&waits).await;
    bench.workshop.clean_up(&failed, Keep::Worktree).await.unwrap();
    bench.workshop.clean_up(&waits, Keep::Branch).await.unwrap();
    assert!(bench.workshop.work_folder(&failed).exists() && !bench.workshop.check_folder(&failed).exists());

    let over = [waits.clone()];
    let cleared = bench.workshop.clear(std::slice::from_ref(&open), &over).await.unwrap();
    assert_eq!(cleared.branches, ["orderly/failed-1"]);
    assert_eq!(cleared.kept, ["orderly/waits-3"]);
    assert_eq!(cleared.folders.len(), 1);
    assert!(bench.workshop.work_folder(&open).exists() && !bench.workshop.work_folder(&failed).exists());

    git(&bench.top(), &["merge", "-q", "--ff-only", commit.as_str()]);
    let cleared = bench.workshop.clear(&[], &over).await.unwrap();
    assert_eq!(
        cleared.branches,
        ["orderly/open-2", "orderly/waits-3"],
        "merged, and without anything of its own"
    );
    assert_eq!((bench.worktrees(), bench.branches()), (1, branches()));
    let people = bench.folder.path().canonicalize().unwrap().join("people");
    git(&bench.top(), &["worktree", "add", "-q", "-b", "orderly/mine", people.to_str().unwrap()]);
    assert_eq!(bench.workshop.clear(&[], &over).await.unwrap(), Cleared::default());
    assert!(people.exists(), "a person's worktree is not ours");
}
