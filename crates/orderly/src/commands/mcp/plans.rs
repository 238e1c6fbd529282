//! Plans that previews kept: a file each, named by its digest, for this process or a later one.

use super::desk::OrderlyDesk;
use crate::commands::reports::{private_dir, write_private};
use orderly_core::ids::Digest;
use orderly_serve::mcp::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// Keeps a plan under its digest.
pub(super) fn keep<T: Serialize>(desk: &OrderlyDesk, digest: &Digest, plan: &T) -> Result<(), Refusal> {
    let dir = folder(desk);
    let text = serde_json::to_string_pretty(plan).map_err(std::io::Error::from);
    text.and_then(|text| {
        private_dir(&dir)?;
        write_private(&dir.join(format!("{digest}.json")), &text)
    })
    .map_err(|error| Refusal::new(format!("no plan can be kept in {}: {error}", dir.display())))
}

/// The plan that `preview` kept. Its content must still have the digest: a file that somebody changed is no preview.
pub(super) fn read<T: DeserializeOwned>(
    desk: &OrderlyDesk,
    preview: &str,
    named: &str,
    digest_of: fn(&T) -> Digest,
) -> Result<T, Refusal> {
    let unknown = || {
        Refusal::new("no preview gave this digest")
            .hint(format!("call `{preview}`, and pass its `plan_digest`"))
    };
    let digest = Digest::parse(named).ok_or_else(unknown)?;
    let text = std::fs::read_to_string(folder(desk).join(format!("{digest}.json"))).map_err(|_| unknown())?;
    let plan: T = serde_json::from_str(&text).map_err(|_| unknown())?;
    if digest_of(&plan) == digest { Ok(plan) } else { Err(unknown()) }
}

fn folder(desk: &OrderlyDesk) -> PathBuf {
    desk.config.state_dir().join("plans")
}
