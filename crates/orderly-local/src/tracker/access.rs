//! API keys: who is asking, and may they write.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use super::model::UserId;
use super::problem::Problem;

/// What an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Queries and mutations.
    Full,
    /// Queries only.
    Read,
}

impl Access {
    /// Reads what [`Access::as_str`] wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "full" => Some(Self::Full),
            "read" => Some(Self::Read),
            _ => None,
        }
    }

    /// As the database keeps it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Read => "read",
        }
    }
}

/// A personal API key.
#[derive(Clone)]
pub struct ApiKey {
    pub key: String,
    pub user: UserId,
    pub access: Access,
}

impl ApiKey {
    /// A new random key of this user.
    pub fn random(user: UserId, access: Access) -> Self {
        let key = format!(
            "lin_api_{}{}",
            uuid::Uuid::new_v4().simple(),
            &uuid::Uuid::new_v4().simple().to_string()[..8]
        );
        Self { key, user, access }
    }
}

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    pub access: Access,
}

/// The keys that open the tracker, by their digest: a lookup then takes as long for a near miss as for a far one.
#[derive(Default)]
pub struct Keys {
    by_digest: HashMap<[u8; 32], Caller>,
}

impl Keys {
    pub fn add(&mut self, key: &ApiKey) {
        let caller = Caller { user: key.user.clone(), access: key.access };
        self.by_digest.insert(digest(&key.key), caller);
    }

    /// The sender of a request: `Authorization: KEY` or `Authorization: Bearer KEY`.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let key = value.strip_prefix("Bearer ").unwrap_or(value).trim();
        self.by_digest.get(&digest(key)).cloned().ok_or_else(Problem::not_authenticated)
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
