//! Which requests waited for which: the chain that the job prescribes, and the one that the record shows.

use orderly_local::knobs::RecordedRequest;

/// A step of the job in which requests go out side by side; each step needs the answers of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Which environments and projects there are; what the tracker's team allows.
    Around,
    /// One search a signal.
    Searches,
    /// The latest event of each issue.
    Issues,
    /// Whether the tracker knows them.
    Lookups,
    /// New items.
    Creations,
    /// What follows once an item exists: its attachment, and the link in Sentry.
    Links,
    /// The link in Sentry, read back.
    ReadBack,
}

impl Stage {
    /// The word for tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Around => "environments",
            Self::Searches => "searches",
            Self::Issues => "events",
            Self::Lookups => "tracker lookups",
            Self::Creations => "create",
            Self::Links => "attach, link back",
            Self::ReadBack => "read the link back",
        }
    }

    /// The stages that the job prescribes for what it did, in order: reading always, writing when something was written.
    pub fn prescribed(requests: &[RecordedRequest]) -> Vec<Self> {
        let mut stages = vec![Self::Around, Self::Searches, Self::Issues, Self::Lookups];
        let wrote = |operation: &str| requests.iter().any(|request| has(request, operation));
        let linked_back =
            requests.iter().any(|r| r.method == "POST" && r.path.ends_with("/external-issues/"));
        stages.extend(requests.iter().any(creates).then_some(Self::Creations));
        stages.extend((wrote("attachmentCreate") || linked_back).then_some(Self::Links));
        stages.extend(linked_back.then_some(Self::ReadBack));
        stages
    }
}

/// Whether a request creates an item.
pub fn creates(request: &RecordedRequest) -> bool {
    has(request, "issueCreate")
}

fn has(request: &RecordedRequest, operation: &str) -> bool {
    request.operations.iter().any(|found| found == operation)
}

/// The longest chain of requests of which each started after the one before it was answered. It can only be longer than
/// what had to wait: requests may follow each other by chance.
pub fn observed(requests: &[RecordedRequest]) -> Vec<&RecordedRequest> {
    let mut sorted: Vec<&RecordedRequest> = requests.iter().collect();
    sorted.sort_by_key(|request| request.started);
    let mut chains: Vec<(usize, Option<usize>)> = Vec::with_capacity(sorted.len());
    for request in &sorted {
        let before = sorted[..chains.len()]
            .iter()
            .enumerate()
            .filter(|(_, earlier)| earlier.ended.is_some_and(|ended| ended <= request.started))
            .max_by_key(|(index, _)| chains[*index].0);
        chains.push(match before {
            Some((index, _)) => (chains[index].0 + 1, Some(index)),
            None => (1, None),
        });
    }
    let mut at = (0..chains.len()).max_by_key(|index| chains[*index].0);
    let mut chain = Vec::new();
    while let Some(index) = at {
        chain.push(sorted[index]);
        at = chains[index].1;
    }
    chain.reverse();
    chain
}

/// A request in few words.
pub fn short(request: &RecordedRequest) -> String {
    if request.operations.is_empty() {
        let path = request.path.trim_start_matches("/api/0/").trim_end_matches('/');
        let tail: Vec<&str> = path.rsplit('/').take(2).collect();
        format!("{} {}", request.method, tail.into_iter().rev().collect::<Vec<_>>().join("/"))
    } else {
        let mut operations: Vec<&str> = request.operations.iter().map(String::as_str).collect();
        operations.sort_unstable();
        operations.dedup();
        operations.join("+")
    }
}
