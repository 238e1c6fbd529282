//! Identities. Each kind of id is its own type, so that none can stand where another belongs.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that the service itself issued.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The id as the service spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// Host (and port, when not the default one) of a Sentry, in lower case: `sentry.io`, `127.0.0.1:9000`.
    SentryHost
}
text_id! {
    /// Slug of a Sentry organization.
    OrgSlug
}
text_id! {
    /// Slug of a Sentry project.
    ProjectSlug
}
text_id! {
    /// A Sentry short id: `CHECKOUT-API-3F`.
    ShortId
}
text_id! {
    /// Key of a tracker team: `PLAT`.
    TeamKey
}
text_id! {
    /// Human key of a tracker item: `PLAT-42`.
    ItemKey
}
text_id! {
    /// One run of a job; unique in a ledger and sortable by time.
    RunId
}
text_id! {
    /// Lower-case hex of a SHA-256.
    Digest
}

impl Digest {
    /// A digest as a person or an agent says it; `None` for anything but the 64 digits, so that what comes out may be
    /// part of a file's name.
    pub fn parse(said: &str) -> Option<Self> {
        let digits = said.len() == 64 && said.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| Self::new(said))
    }
}

text_id! {
    /// Full id of a git tree, in lower-case hex: what the files of a commit are.
    TreeId
}
text_id! {
    /// What a repository is on every machine that has a copy of it: the id of its first commit.
    RepositoryId
}

/// Numeric id of a Sentry issue (a "group"): the only identity that an event cannot choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IssueId(pub u64);

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How often an issue came back after its item was completed *and* policy asked for a new item: 0 for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u32);

impl Generation {
    /// The generation that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// Id of a tracker item: a UUID. For items that Orderly creates it is derived, never drawn: see [`TrackKey::item_id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub uuid::Uuid);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What at most one tracker item may exist for (invariant I1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackKey {
    /// Sentry that holds the issue.
    pub host: SentryHost,
    /// Its organization.
    pub org: OrgSlug,
    /// The issue.
    pub issue: IssueId,
    /// The team whose backlog is kept.
    pub team: TeamKey,
    /// Which life of the issue.
    pub generation: Generation,
}

impl TrackKey {
    /// The item's id: a SHA-256 of the key, shaped as a version 4 UUID. Same key, same id, on every machine and after
    /// every restore; a tracker that refuses a second insert of an id therefore refuses a second item.
    pub fn item_id(&self) -> ItemId {
        item_id(&self.hash())
    }

    /// Short form of the key's hash, shown in the marker of an item.
    pub fn fingerprint(&self) -> String {
        hex::encode(&self.hash()[16..22])
    }

    /// The ids of the first lives of the issue, whatever the generation of this key. Cheaper than one key after the
    /// other: what they share is hashed once.
    pub fn first_lives(&self, lives: u32) -> Vec<ItemId> {
        let shared = self.shared();
        (0..lives).map(|life| item_id(&finished(shared.clone(), Generation(life)))).collect()
    }

    fn hash(&self) -> [u8; 32] {
        finished(self.shared(), self.generation)
    }

    /// The hash of all but the generation.
    fn shared(&self) -> Sha256 {
        let mut hash = Sha256::new();
        hash.update(b"v1");
        // Length-prefixed, so that no two different keys spell the same bytes.
        for part in [self.host.as_str(), self.org.as_str(), self.team.as_str()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(self.issue.0.to_be_bytes());
        hash
    }
}

fn finished(mut shared: Sha256, generation: Generation) -> [u8; 32] {
    shared.update(generation.0.to_be_bytes());
    shared.finalize().into()
}

/// An id that is derived from the hash of what it is for, shaped as a version 4 UUID.
pub(crate) fn item_id(hash: &[u8; 32]) -> ItemId {
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash[..16]);
    ItemId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// Web address of a Sentry and the only maker of links to it: a permalink is rebuilt from configuration, never copied
/// from an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentrySite {
    /// `https://sentry.io`, without a slash at the end.
    pub base_url: String,
    /// Organization.
    pub org: OrgSlug,
}

impl SentrySite {
    /// The page of an issue.
    pub fn permalink(&self, issue: IssueId) -> String {
        format!("{}/organizations/{}/issues/{}/", self.base_url, self.org, issue)
    }

    /// The page of a release. Its version is text of an event: nothing of it leaves its place in the path.
    pub fn release_page(&self, version: &str) -> String {
        format!("{}/organizations/{}/releases/{}/", self.base_url, self.org, in_path(version))
    }

    /// The page of an alert.
    pub fn alert_page(&self, id: &str) -> String {
        format!("{}/organizations/{}/alerts/{}/", self.base_url, self.org, in_path(id))
    }

    /// Every spelling under which people and integrations paste the page of an issue. On sentry.io an organization has
    /// its own sub-domain as well.
    pub fn spellings(&self, issue: IssueId) -> Vec<String> {
        let mut all = vec![
            format!("{}/organizations/{}/issues/{}/", self.base_url, self.org, issue),
            format!("{}/organizations/{}/issues/{}", self.base_url, self.org, issue),
        ];
        if let Some((scheme, host)) = self.base_url.split_once("://") {
            if host == "sentry.io" || host.ends_with(".sentry.io") {
                all.push(format!("{scheme}://{}.sentry.io/issues/{}/", self.org, issue));
                all.push(format!("{scheme}://{}.sentry.io/issues/{}", self.org, issue));
            } else {
                all.push(format!("{}/issues/{}/", self.base_url, issue));
            }
        }
        all
    }

    /// Host part of the address, as it enters a [`TrackKey`].
    pub fn host(&self) -> SentryHost {
        let host = self.base_url.split_once("://").map_or(self.base_url.as_str(), |(_, rest)| rest);
        SentryHost::new(host.trim_end_matches('/').to_ascii_lowercase())
    }
}

/// A text as one segment of a path.
fn in_path(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b'@' | b'+' => {
            char::from(byte).to_string()
        }
        // A segment of dots alone would be another path.
        b'.' if text.bytes().any(|byte| byte != b'.') => ".".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}

/// Full name of a git commit: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitId(String);

/// Why a text does not name a commit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a commit is named by 40 or 64 lower-case hex digits")]
pub struct NotACommitId;

impl CommitId {
    /// Checks the name of a commit.
    pub fn parse(text: &str) -> Result<Self, NotACommitId> {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && matches!(text.len(), 40 | 64) { Ok(Self(text.to_owned())) } else { Err(NotACommitId) }
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, as people quote it.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl TryFrom<String> for CommitId {
    type Error = NotACommitId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CommitId> for String {
    fn from(commit: CommitId) -> Self {
        commit.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_digest_is_read_as_one() {
        let whole = "0123456789abcdef".repeat(4);
        assert_eq!(Digest::parse(&whole).unwrap().as_str(), whole);
        for other in ["", "0123456789ab", &whole[1..], &whole.to_uppercase(), &whole.replace('0', "/")] {
            assert_eq!(Digest::parse(other), None, "{other}");
        }
    }
}
