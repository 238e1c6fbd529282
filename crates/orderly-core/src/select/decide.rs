//! To come.
use super::{Listed, Selection};
use crate::sync::policy::SyncPolicy;
use crate::time::Now;
/// To come.
pub fn select(listed: Vec<Listed>, _policy: &SyncPolicy, _now: Now) -> Selection {
    Selection { selected: listed, held: Vec::new() }
}
