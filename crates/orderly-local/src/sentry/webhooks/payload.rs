//! What webhooks say.

use serde_json::{Value, json};

use crate::sentry::store::people::Member;

/// Who did what a webhook tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookActor {
    /// The server.
    Sentry,
    /// A member: id and name.
    Member(i64, String),
    /// An app: uuid and name.
    App(String, String),
}

impl HookActor {
    /// A member.
    pub fn member(member: &Member) -> HookActor {
        HookActor::Member(member.id, member.name.clone())
    }

    fn shown(&self) -> Value {
        match self {
            HookActor::Sentry => json!({"type": "application", "id": "sentry", "name": "Sentry"}),
            HookActor::Member(id, name) => json!({"type": "user", "id": id, "name": name}),
            HookActor::App(uuid, name) => json!({"type": "application", "id": uuid, "name": name}),
        }
    }
}

/// The whole body: `data` told to the installation with this uuid.
pub fn envelope(action: &str, installation: &str, data: &Value, actor: &HookActor) -> Value {
    json!({
        "action": action,
        "installation": {"uuid": installation},
        "data": data,
        "actor": actor.shown(),
    })
}
