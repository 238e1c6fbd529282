//! Code mappings: what the paths of stack traces stand for in a repository.

use super::tolerant;
use serde::Deserialize;

/// One, as `…/code-mappings/` lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeMapping {
    /// Slug of its project.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub project_slug: String,
    /// Beginning of a path in a stack trace. May be empty.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub stack_root: String,
    /// What stands there in the repository. May be empty.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub source_root: String,
}
