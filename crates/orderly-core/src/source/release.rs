//! Which commit a release is made of: from the name that an SDK sends to names that a repository knows.

/// How many digits a shortened commit has at least; git writes seven.
const SHORTEST_COMMIT: usize = 7;

/// A name that a repository may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseName {
    /// Hex digits that may begin the name of a commit.
    Commit(String),
    /// A tag.
    Tag(String),
}

/// What the commit of `release` may be called, the most trusted first: the commits that the name holds, then tags in the
/// spellings that people and release tools use.
pub fn release_names(release: &str) -> Vec<ReleaseName> {
    let release = release.trim();
    let mut names: Vec<ReleaseName> = release
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| is_commit(part))
        .map(|part| ReleaseName::Commit(part.to_ascii_lowercase()))
        .collect();
    let (package, version) = release.rsplit_once('@').unwrap_or(("", release));
    let bare = version.split('+').next().unwrap_or(version);
    let number = bare.strip_prefix('v').unwrap_or(bare);
    let plain = package.rsplit(['/', '.']).next().unwrap_or(package);
    let mut tags = vec![
        release.to_owned(),
        version.to_owned(),
        bare.to_owned(),
        format!("v{number}"),
        number.to_owned(),
    ];
    for package in [package, plain].into_iter().filter(|package| !package.is_empty()) {
        tags.extend(
            ["@", "@v", "-v", "-", "/v", "/", "_"].map(|between| format!("{package}{between}{number}")),
        );
    }
    tags.extend(
        ["release-", "release-v", "release/", "releases/", "rel-"].map(|start| format!("{start}{number}")),
    );
    let mut seen: Vec<&String> = Vec::new();
    for tag in &tags {
        if !tag.is_empty() && !seen.contains(&tag) {
            seen.push(tag);
        }
    }
    names.extend(seen.into_iter().cloned().map(ReleaseName::Tag));
    names
}

/// Hex digits that are no date, number or word: shortened names hold a letter and a digit.
fn is_commit(part: &str) -> bool {
    let hex = part.bytes().all(|b| b.is_ascii_hexdigit());
    let full = matches!(part.len(), 40 | 64);
    let mixed = part.bytes().any(|b| b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_alphabetic());
    hex && (full || part.len() >= SHORTEST_COMMIT && part.len() < 40 && mixed)
}
