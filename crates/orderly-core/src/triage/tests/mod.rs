mod day;
mod selection;
mod table;

use super::*;
use crate::answer::Looked;
use crate::diagnose::{Evidence, Exception, Frame, FrameOrigin, Surroundings};
use crate::ids::IssueId;
use crate::noise::{Closer, Spread};
use crate::sync::fixtures::{ago, issue, site, text};
use crate::time::Seconds;
use std::collections::BTreeMap;

/// Listed issues that no rule hides.
fn gathered(ids: &[u64]) -> Gathered {
    let listed = |id: &u64| {
        let mut issue = issue(*id);
        (issue.events, issue.users) = (20, 4);
        Listed { issue, platform: Some(text("python")), daily: Vec::new() }
    };
    Gathered {
        site: site(),
        window: Seconds::days(14),
        listed: ids.iter().map(listed).collect(),
        cut: None,
        closer: BTreeMap::new(),
        releases: Looked::Saw(Vec::new()),
        on_head: BTreeMap::new(),
    }
}

/// A closer look that saw `function` crash with a chain of exceptions.
fn crashed(id: u64, function: &str, kinds: &[&str]) -> (IssueId, Closer) {
    let frame = Frame {
        function: text(function),
        raw_function: None,
        module: Some(text("app.pay")),
        package: None,
        file: None,
        abs_path: None,
        position: None,
        origin: FrameOrigin::InApp,
        platform: None,
        context: Vec::new(),
    };
    let exception = |kind: &&str| Exception {
        kind: text(kind),
        value: text(""),
        module: None,
        mechanism: None,
        frames: vec![frame.clone()],
    };
    let evidence = Evidence {
        issue: IssueId(id),
        event: text("e"),
        at: ago(1),
        platform: text("python"),
        level: None,
        release: None,
        dist: None,
        environment: None,
        transaction: None,
        message: None,
        exceptions: kinds.iter().map(exception).collect(),
        breadcrumbs: Vec::new(),
        request: None,
        tags: BTreeMap::new(),
        around: Surroundings::default(),
        bundles: Vec::new(),
        left_out: Vec::new(),
    };
    (IssueId(id), Closer { evidence: Looked::Saw(evidence), spread: Looked::Saw(Spread::default()) })
}
