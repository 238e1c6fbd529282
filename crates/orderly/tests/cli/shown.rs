//! From a crash to a commit that holds, and back: one program a language, through its own SDK.

use crate::shop::{Shop, Story, build, copy, installed, succeed};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Also what the tests of other things about repairs work on.
pub static PYTHON: Story = Story {
    name: "python_shop",
    prepare: |_| {},
    program: |_| {
        let mut command = Command::new(installed("py/bin/python"));
        command.arg("shop.py");
        command
    },
    dies_of: "ZeroDivisionError",
    title: "ZeroDivisionError: division by zero",
    at: "orders.py:5",
    settings: "",
    changes: ["orders.py", "test_orders.py"],
};

/// A library in a workspace and a program that brings the SDK. Cargo builds the program with the tests, from the same files.
static RUST: Story = Story {
    name: "rust_shop",
    prepare: |_| {},
    program: |_| {
        let programs = Path::new(env!("CARGO_BIN_EXE_orderly")).with_file_name("examples");
        let program = programs.join("rust_shop");
        assert!(program.exists(), "build it: cargo build --package orderly --example rust_shop");
        Command::new(program)
    },
    dies_of: "called `Option::unwrap()` on a `None` value",
    title: "panic: called `Option::unwrap()` on a `None` value",
    at: "orders/src/lib.rs:11",
    settings: "",
    changes: ["orders/src/lib.rs", "orders/tests/highest.rs"],
};

/// A module whose SDK is vendored, as Debian packages it.
static GO: Story = Story {
    name: "go_shop",
    prepare: |dir| {
        let (sdk, name) = (
            Path::new("/usr/share/gocode/src/github.com/getsentry/sentry-go"),
            "github.com/getsentry/sentry-go",
        );
        let vendored = dir.join("vendor").join(name);
        copy(&sdk.join("internal"), &vendored.join("internal"));
        for entry in std::fs::read_dir(sdk).unwrap().map(Result::unwrap) {
            let file = entry.file_name().into_string().unwrap();
            if file.ends_with(".go") && !file.ends_with("_test.go") {
                std::fs::copy(entry.path(), vendored.join(file)).unwrap();
            }
        }
        let inner = ["crypto/randutil", "debug", "ratelimit"].map(|part| format!("{name}/internal/{part}\n"));
        let listed = format!("# {name} v0.11.0\n## explicit\n{name}\n{}", inner.concat());
        std::fs::write(dir.join("vendor/modules.txt"), listed).unwrap();
    },
    program: |dir| {
        let mut command = build(dir, "go", &["build", "-o", "dist/shop", "."]);
        command.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"));
        succeed(command);
        Command::new(dir.join("dist/shop"))
    },
    dies_of: "integer divide by zero",
    title: "runtime.errorString: runtime error: integer divide by zero",
    at: "orders/orders.go:10",
    settings: "checks = [\"go test ./orders\"]",
    changes: ["orders/orders.go", "orders/orders_test.go"],
};

/// A minified bundle with its source map, both with debug ids.
static TYPESCRIPT: Story = Story {
    name: "typescript_shop",
    prepare: |dir| std::os::unix::fs::symlink(installed("node_modules"), dir.join("node_modules")).unwrap(),
    program: |dir| {
        succeed(build(dir, "npm", &["run", "--silent", "build"]));
        let mut command = Command::new(installed("node_modules/.bin/node"));
        command.arg("dist/shop.js");
        command
    },
    dies_of: "Cannot read properties of undefined (reading 'percent')",
    title: "TypeError: Cannot read properties of undefined (reading 'percent')",
    at: "src/orders.ts:10",
    settings: "checks = [\"npx --no-install tsc --noEmit\", \"npm test --silent\"]\nreadable = [\"node_modules\"]",
    changes: ["src/orders.ts", "test/orders.test.ts"],
};

#[test]
fn in_python_a_crash_becomes_a_verified_commit_and_its_return_in_a_later_release_is_told() {
    told(&PYTHON);
}

#[test]
fn in_rust_a_crash_becomes_a_verified_commit_and_its_return_in_a_later_release_is_told() {
    told(&RUST);
}

#[test]
fn in_go_a_crash_becomes_a_verified_commit_and_its_return_in_a_later_release_is_told() {
    told(&GO);
}

#[test]
fn in_typescript_a_crash_becomes_a_verified_commit_and_its_return_in_a_later_release_is_told() {
    told(&TYPESCRIPT);
}

fn told(story: &'static Story) {
    let shop = Shop::of(story, "good_agent.py", &[&story.patch()], "");
    shop.crash_in("shop@1.0.0", 3600);
    let base = shop.head();

    let triage = shop.world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(triage["rows"][0]["short_id"], "BACKEND-1", "{triage}");
    let located = shop.world.orderly(&["locate", "BACKEND-1", "--json"]).exits(0).json();
    assert_eq!(located["base"]["named"], "v1.0.0", "{located}");
    let places = located["frames"].as_array().unwrap();
    assert_eq!(place(&places[0]), story.at, "{located}");
    assert!(places.iter().all(|frame| frame["mapped"]["line"].is_number()), "{located}");

    let report = shop.world.orderly(&["fix", "backend-1", "--json"]).exits(0).json();
    fixed(&shop, &base, &report);
    let fix = shop.head();

    let waiting = shop.world.orderly(&["verify", "--json"]).exits(0).json();
    assert_eq!(waiting[0]["verdict"]["verdict"], "not_released", "{waiting}");

    // The next release has the commit, and somebody took the change out again.
    shop.git(&["checkout", "--quiet", &base, "--", story.changes[0], story.changes[1]]);
    shop.commit("Simpler");
    let base = shop.head();
    shop.git(&["tag", "v1.1.0"]);
    shop.crash_in("shop@1.1.0", 0);
    let issue = shop.issue("BACKEND-1");
    assert_eq!((&issue["status"], &issue["substatus"]), (&json!("unresolved"), &json!("regressed")));
    let back = shop.world.orderly(&["verify", "--json"]).exits(1).json();
    assert_eq!(back[0]["verdict"]["verdict"], "did_not_hold", "{back}");
    assert!(back[0]["proposal"].as_str().unwrap().contains("reopen"), "{back}");

    // An agent of the Agent Client Protocol puts it right again.
    let text = |file| shop.git(&["show", &format!("{fix}:{file}")]);
    let write = |file| json!({"write": {"path": file, "text": text(file)}});
    let said = [said(story, "Root cause: "), said(story, "Fix: ")].join("\n");
    let case = json!({"expect": story.at});
    shop.speak(&json!([case, write(story.changes[0]), write(story.changes[1]), {"say": said}]));
    let report = shop.world.orderly(&["fix", "BACKEND-1", "--agent", "protocol", "--json"]).exits(0).json();
    assert_eq!(report["cases"][0]["agent"], "protocol");
    fixed(&shop, &base, &report);
}

/// A line of what the agent by script says.
fn said(story: &Story, key: &str) -> String {
    let patch = std::fs::read_to_string(story.patch()).unwrap();
    patch.lines().find(|line| line.starts_with(key)).unwrap().to_owned()
}

fn place(frame: &Value) -> String {
    let mapped = &frame["mapped"];
    format!("{}:{}", mapped["path"].as_str().unwrap_or("-"), mapped["line"])
}

/// One verified commit of the intended files, the issue resolved by it, and nothing left behind.
fn fixed(shop: &Shop, base: &str, report: &Value) {
    let story = shop.story;
    let case = &report["cases"][0];
    assert_eq!((&case["disposition"], &case["reproduced"]), (&json!("fixed"), &json!(true)), "{report}");
    assert_eq!(case["resolution"]["resolution"], "resolved");
    assert_eq!(case["files"], json!(story.changes));
    assert_eq!(case["commit"], shop.head());
    assert_eq!(shop.git(&["rev-list", "--count", &format!("{base}..HEAD")]).trim(), "1");
    let changed = shop.git(&["diff", "--name-only", base, "HEAD"]);
    assert_eq!(changed.lines().collect::<Vec<_>>(), story.changes);
    let issue = shop.issue("BACKEND-1");
    assert_eq!(
        shop.git(&["log", "-1", "--format=%an%n%B"]).trim(),
        format!(
            "Ada\nfix(sentry): BACKEND-1 — {}\n\nSentry: BACKEND-1 — {}\n{}\n{}",
            story.title,
            issue["permalink"].as_str().unwrap(),
            said(story, "Root cause: "),
            said(story, "Fix: ")
        )
    );
    let note = shop.git(&["notes", "--ref=orderly", "show", "HEAD"]);
    assert!(note.contains("a test fails on base and passes on fix"), "{note}");
    assert_eq!(
        (&issue["status"], &issue["statusDetails"]["inNextRelease"]),
        (&json!("resolved"), &json!(true))
    );
    assert_eq!(shop.git(&["status", "--porcelain"]), "", "nothing is left behind");
    assert_eq!(shop.git(&["branch", "--format=%(refname:short)"]).trim(), "main");
    assert_eq!(shop.git(&["worktree", "list"]).lines().count(), 1);
    let commit = &shop.head()[..12];
    assert!(shop.page().contains(&format!("completed (commit: {commit})")), "{}", shop.page());
}
