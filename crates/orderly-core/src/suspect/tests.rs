use super::{Crash, Failure, Reason, Sight, Verdict, suspects};
use crate::diagnose::FrameOrigin;
use crate::normal::platform::Platform;
use proptest::prelude::*;

fn own(path: &str, function: &str) -> Sight {
    Sight {
        origin: FrameOrigin::InApp,
        path: Some(path.to_owned()),
        function: function.to_owned(),
        module: String::new(),
    }
}

fn library(function: &str) -> Sight {
    Sight { origin: FrameOrigin::Library, path: None, function: function.to_owned(), module: String::new() }
}

fn crash(kind: &str, message: &str, frames: Vec<Sight>) -> Crash {
    let failure = Failure { kind: kind.to_owned(), message: message.to_owned(), frames };
    Crash { platform: Platform::Python, failures: vec![failure] }
}

fn first(crash: &Crash) -> String {
    suspects(crash).suspects[0].path.clone()
}

#[test]
fn a_statement_that_failed_is_suspected_where_it_stands() {
    let crash = crash("KeyError", "'total'", vec![own("app/cart.py", "total"), own("app/views.py", "show")]);
    let suspicion = suspects(&crash);
    assert_eq!(suspicion.suspects[0].path, "app/cart.py");
    assert!(suspicion.suspects[0].reasons.contains(&Reason::StatementFailed));
    assert!(matches!(suspicion.verdict(), Verdict::Suspect(_)));
}

#[test]
fn a_validator_reports_what_its_caller_did_wrong() {
    let frames = vec![
        own("app/checks.py", "require_positive"),
        own("app/cart.py", "pay"),
        own("app/cart.py", "close"),
        own("app/views.py", "post"),
        own("app/main.py", "serve"),
    ];
    assert_eq!(first(&crash("ValueError", "amount", frames)), "app/cart.py");
}

#[test]
fn the_deepest_cause_counts_before_its_wrappers() {
    let wrapped = Failure {
        kind: "ServiceError".into(),
        message: String::new(),
        frames: vec![own("app/service.py", "call"), own("app/views.py", "post")],
    };
    let mut crash = crash("TypeError", "", vec![own("app/price.py", "parse")]);
    crash.failures.push(wrapped);
    assert_eq!(first(&crash), "app/price.py");
}

#[test]
fn own_code_that_called_a_crashed_library_is_told_so() {
    let frames = vec![library("loads"), own("app/api.py", "read"), own("app/main.py", "main")];
    let suspicion = suspects(&crash("JSONDecodeError", "", frames));
    assert!(suspicion.suspects[0].reasons.contains(&Reason::CallsCrashedLibrary));
}

#[test]
fn without_frames_of_own_code_nothing_is_claimed() {
    let suspicion = suspects(&crash("OSError", "", vec![library("open")]));
    assert!(suspicion.suspects.is_empty());
    assert_eq!(suspicion.verdict(), Verdict::TooWeak);
    assert!((suspicion.elsewhere - 1.0).abs() < 1e-9);
}

#[test]
fn many_files_with_nothing_between_them_are_too_weak_a_clue() {
    let frames = (0..12).map(|n| own(&format!("p{n}/m{n}.py"), "run")).collect();
    assert_eq!(suspects(&crash("CustomProblem", "", frames)).verdict(), Verdict::TooWeak);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn probabilities_are_a_distribution_over_the_files_and_elsewhere(files in proptest::collection::vec((0..6_u8, "[a-z_]{1,8}"), 0..30)) {
        let frames = files.iter().map(|(file, function)| own(&format!("app/f{file}.py"), function)).collect();
        let suspicion = suspects(&crash("ValueError", "f1 f2", frames));
        let total: f64 = suspicion.suspects.iter().map(|suspect| suspect.probability).sum();
        prop_assert!((total + suspicion.elsewhere - 1.0).abs() < 1e-9);
        prop_assert!(suspicion.suspects.is_sorted_by(|a, b| a.probability >= b.probability));
    }
}
