use crate::diagnose::{Frame, FrameOrigin, Position};
use crate::normal::platform::Platform;
use crate::source::fragment::fragments;
use crate::source::{Manifests, Mapped, Traced, TrackedFiles, look_up, settle};
use crate::untrusted::Untrusted;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TRACKED: [&str; 5] = ["src/lib.rs", "app/cart.py", ".env", "web/src/cart.ts", "secrets/key.pem"];

fn frame(function: &str, module: &str, file: &str, abs_path: &str) -> Frame {
    Frame {
        function: Untrusted::from(function),
        raw_function: None,
        module: Some(Untrusted::from(module)),
        package: None,
        file: Some(Untrusted::from(file)),
        abs_path: Some(Untrusted::from(abs_path)),
        position: Some(Position { line: 1, column: None }),
        origin: FrameOrigin::InApp,
        platform: None,
        context: Vec::new(),
    }
}

fn mapped(platform: Platform, frame: &Frame) -> Mapped {
    let traced = Traced { frame, platform, original: None };
    let files = TrackedFiles::of(TRACKED);
    let looked = look_up(&[traced], &files, &Manifests::default(), &[]);
    settle(&traced, &looked[0], &BTreeMap::new())
}

#[test]
fn a_path_that_leaves_the_repository_leads_nowhere_else() {
    for file in [
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\etc\\passwd",
        "%2e%2e%2fetc%2fpasswd",
        "file:///etc/passwd",
    ] {
        for platform in Platform::ALL {
            assert_eq!(mapped(platform, &frame("f", "", file, file)).found(), None, "{platform:?} {file}");
        }
    }
}

#[test]
fn parts_of_a_message_that_vary_are_not_searched_for() {
    let parts =
        fragments("Cannot charge the card of order 4711 because 'gold' members pay later, see http://a/b");
    assert_eq!(parts, ["Cannot charge the card of order", "members pay later"]);
    assert!(fragments("KeyError: 'x'").is_empty());
    let long = "many words ".repeat(40);
    assert!(fragments(&long)[0].len() <= 60);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_a_frame_says_only_tracked_paths_come_out(
        function in "\\PC{0,30}", module in "[a-z./:\\\\$<>-]{0,30}", file in "[a-z./:\\\\%~!?() \\[\\]-]{0,40}", which in 0..10_usize
    ) {
        let frame = frame(&function, &module, &file, &file);
        if let Mapped::Found(at) = mapped(Platform::ALL[which], &frame) {
            prop_assert!(TRACKED.contains(&at.path.as_str()));
        }
    }
}
