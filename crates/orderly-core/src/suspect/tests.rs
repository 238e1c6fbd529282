use super::{Crash, Failure, Lead, Link, Reason, Sight, Suspicion, Verdict, leads, tracked_leads};
use crate::diagnose::FrameOrigin;
use crate::normal::platform::Platform;
use crate::source::TrackedFiles;
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

fn java(kind: &str, message: &str, frames: &[(&str, &str)]) -> Crash {
    let sight = |(class, function): &(&str, &str)| {
        let path = format!("{}.java", class.replace('.', "/"));
        Sight { module: (*class).to_owned(), ..own(&path, function) }
    };
    Crash { platform: Platform::Jvm, ..crash(kind, message, frames.iter().map(sight).collect()) }
}

fn suspects(crash: &Crash) -> Suspicion {
    super::suspects(crash, &leads(crash))
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
        own("app/cart.py", "submit"),
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

#[test]
fn what_leads_to_raising_in_its_own_file_does_no_other_work() {
    let frames = [
        ("com.acme.Context", "reportMissing"),
        ("com.acme.Context", "missing"),
        ("com.acme.Cart", "total"),
        ("com.acme.Cart", "close"),
        ("com.acme.Context", "run"),
    ];
    let suspicion = suspects(&java("com.acme.exc.Missing", "", &frames[..4]));
    assert_eq!(suspicion.suspects[0].path, "com/acme/Cart.java");
    assert!(suspicion.suspects.iter().any(|other| other.reasons.contains(&Reason::OnlyRaises)));
    let suspicion = suspects(&java("com.acme.exc.Missing", "", &frames));
    assert!(!suspicion.suspects.iter().any(|other| other.reasons.contains(&Reason::OnlyRaises)));
}

#[test]
fn who_hands_on_to_its_namesake_is_less_suspect_than_who_does_the_work() {
    let frames =
        [("com.acme.PriceStep", "apply"), ("com.acme.AllSteps", "apply"), ("com.acme.Cart", "total")];
    let suspicion = suspects(&java("java.lang.IllegalStateException", "", &frames));
    let last = suspicion.suspects.last().unwrap();
    assert_eq!(last.path, "com/acme/AllSteps.java");
    assert!(last.reasons.contains(&Reason::HandsOn));
}

#[test]
fn a_class_that_only_the_message_names_is_a_suspect() {
    let crash = java(
        "java.lang.IllegalStateException",
        "class com.acme.model.Cart$Line#setAll of java.util.List in com.acme.CartTest by com.acme.Odd.Error",
        &[("com.acme.io.Store", "put")],
    );
    let lead = Lead { path: "com/acme/model/Cart.java".into(), link: Link::Named };
    let odd = Lead { path: "com/acme/Odd.java".into(), link: Link::Named };
    assert_eq!(leads(&crash), [lead.clone(), odd]);
    let suspicion = suspects(&crash);
    let named = suspicion.suspects.iter().find(|suspect| suspect.path == lead.path).unwrap();
    assert_eq!((named.reasons.as_slice(), named.functions.len()), (&[Reason::NamedInMessage][..], 0));
}

#[test]
fn what_a_reader_cannot_read_its_writer_may_have_written() {
    let crash = java("java.io.EOFException", "", &[("com.acme.CartReader", "next")]);
    assert_eq!(leads(&crash), [Lead { path: "com/acme/CartWriter.java".into(), link: Link::Counterpart }]);
    let suspicion = suspects(&crash);
    assert_eq!(suspicion.suspects[0].path, "com/acme/CartReader.java");
    assert_eq!(suspicion.suspects[1].reasons, [Reason::Counterpart]);
}

#[test]
fn a_repository_keeps_the_leads_that_it_tracks_once() {
    let message = "com.acme.model.Cart and com.acme.model.Gone and com.acme.model.Twice";
    let crash = java("IllegalState", message, &[("com.acme.CartReader", "next")]);
    let files = TrackedFiles::of([
        "app/com/acme/CartReader.java",
        "app/com/acme/model/Cart.java",
        "app/com/acme/model/Twice.java",
        "com/acme/CartWriter.java",
        "old/com/acme/model/Twice.java",
        "other/Cart.java",
    ]);
    let kept: Vec<String> = tracked_leads(&crash, &files).into_iter().map(|lead| lead.path).collect();
    assert_eq!(kept, ["app/com/acme/model/Cart.java", "com/acme/CartWriter.java"]);
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
