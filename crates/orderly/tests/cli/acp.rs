//! Repairs by an agent of the Agent Client Protocol: a real process that speaks it, from crash to commit.

use crate::fix::send;
use crate::shop::Shop;
use crate::shown::PYTHON;
use serde_json::{Value, json};
use std::path::Path;

/// A shop whose agent takes these steps.
fn shop(steps: &Value, more: &str) -> Shop {
    let shop = Shop::of(&PYTHON, "good_agent.py", &[], &format!("agent = \"protocol\"\n{more}"));
    shop.speak(steps);
    shop
}

#[test]
fn an_agent_of_the_protocol_takes_a_crash_to_a_verified_commit() {
    let test = "\n    def test_of_none(self):\n        self.assertEqual(average([]), 0)\n\n\nif __name__";
    let steps = json!([
        {"expect": "ZeroDivisionError"},
        {"expect": "orders.py"},
        {"may": {"kind": "edit", "path": "orders.py"}},
        {"replace": {"path": "orders.py", "old": "    return sum(", "new": "    if not prices:\n        return 0\n    return sum("}},
        {"replace": {"path": "test_orders.py", "old": "\n\nif __name__", "new": test}},
        {"say": "Root cause: a customer without orders divides"},
        {"say": " by zero\nFix: the average of no orders is 0"},
    ]);
    let shop = shop(&steps, "");
    shop.crash_in("shop@1.0.0", 3600);

    let report = shop.world.orderly(&["fix", "backend-1", "--agent", "protocol", "--json"]).exits(0).json();

    let case = &report["cases"][0];
    assert_eq!((&case["disposition"], &case["reproduced"]), (&json!("fixed"), &json!(true)), "{report}");
    assert_eq!(case["resolution"]["resolution"], "resolved");
    assert_eq!(case["files"], json!(["orders.py", "test_orders.py"]));
    let message = shop.git(&["log", "-1", "--format=%B"]);
    let words = "Root cause: a customer without orders divides by zero\nFix: the average of no orders is 0";
    assert!(message.contains(words), "{message}");
    assert_eq!(shop.issue("BACKEND-1")["status"], "resolved");
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
}

#[test]
fn an_agent_of_the_protocol_that_was_taken_over_reaches_nothing_but_its_worktree() {
    let steps = json!([
        {"read": "/etc/hostname"},
        {"read": "../../../../orderly.toml"},
        {"read": ".git"},
        {"write": {"path": "/etc/owned", "text": "x"}},
        {"write": {"path": "../owned.txt", "text": "x"}},
        {"write": {"path": ".git/hooks/pre-commit", "text": "x"}},
        {"write": {"path": "auth/login.py", "text": "x"}},
        {"write": {"path": ".github/workflows/ci.yml", "text": "x"}},
        {"run": ["python3", "-c", "import os; os.symlink('/etc', 'link')"]},
        {"write": {"path": "link/owned", "text": "x"}},
        {"read": "link/hostname"},
        {"run": ["python3", "-c", "import os; os.remove('link')"]},
        {"terminal": "id"},
        {"may": {"kind": "edit", "path": "../../orders.py"}},
        {"may": {"kind": "edit", "path": "package.json"}},
        {"may": {"kind": "execute"}},
        {"may": {"kind": "fetch"}},
        {"may": {"kind": "switch_mode"}},
        {"replace": {"path": "orders.py", "old": "len(prices)", "new": "max(len(prices), 1)"}},
        {"say": "Root cause: an empty list \u{1b}]52;c;eA==\u{7}\nFix: {steps}"},
    ]);
    let shop = shop(&steps, "tries = 1");
    send(&shop, "ZeroDivisionError", "division by zero");
    let base = shop.head();

    let ran = shop.world.orderly(&["fix", "BACKEND-1"]).exits(0);

    assert!(!Path::new("/etc/owned").exists());
    assert!(!shop.dir().join("owned.txt").exists() && !shop.dir().join(".git/hooks/pre-commit").exists());
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{ran:?}");
    let refused = "refused ".repeat(8);
    let apart = if shop.apart { "once" } else { "no" };
    let told = format!("{refused}ran refused refused ran refused no no {apart} no no done");
    let message = shop.git(&["log", "-1", "--format=%B"]);
    assert!(message.contains(&told) && !message.contains('\u{1b}'), "{told}\n{message}");
    assert_eq!(shop.git(&["rev-list", "--count", &format!("{base}..HEAD")]).trim(), "1", "{ran:?}");
    assert_eq!(shop.git(&["diff", "--name-only", &base, "HEAD"]).trim(), "orders.py");
}

#[test]
fn an_agent_of_the_protocol_keeps_to_its_time_and_its_output_or_is_stopped() {
    let shop = shop(&json!([]), "tries = 1\ntime = \"2s\"\noutput = 20000");
    send(&shop, "ZeroDivisionError", "division by zero");
    let steps = shop.dir().join("gate/steps.json");
    let config = std::fs::read_to_string(shop.dir().join("orderly.toml")).unwrap();
    let silent = config.replace("command = [", "command = [\"true\", ");
    let talker = "import sys\nwhile True: sys.stdout.write('x' * 65536)";
    let noisy = config.replace("command = [", &format!("command = [\"python3\", \"-c\", {talker:?}, "));
    let long = "x".repeat(30_000);
    for (config, script, says) in [
        (&config, json!([{"hang": null}]), "protocol was stopped after 2 s"),
        (&config, json!([{"say": &long}]), "protocol was stopped after saying and writing 20000 bytes"),
        (
            &config,
            json!([{"write": {"path": "a.py", "text": &long}}]),
            "after saying and writing 20000 bytes",
        ),
        (&config, json!([{"say": "Decline: it needs a migration"}]), "protocol said: it needs a migration"),
        (&config, json!("no script"), "protocol ended in the middle of the conversation"),
        (&silent, json!([]), "protocol ended in the middle of the conversation"),
        (&noisy, json!([]), "after saying and writing 20000 bytes"),
    ] {
        shop.world.write("orderly.toml", config);
        std::fs::write(&steps, script.to_string()).unwrap();
        let reason = shop.world.orderly(&["fix", "BACKEND-1", "--json"]).json()["cases"][0]["reason"].clone();
        assert!(reason.as_str().unwrap().contains(says), "{says}: {reason}");
    }
    assert_eq!(shop.issue("BACKEND-1")["status"], "unresolved");
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
}
