//! What a project folder and a home folder tell about Sentry: for `orderly init`.

mod client_login;
mod dsn;
mod sentryclirc;

pub use client_login::ClientLogin;
pub use dsn::FoundDsn;
pub use sentryclirc::Sentryclirc;

use std::path::{Path, PathBuf};

/// Everything that was found, with its places.
#[derive(Debug, Default)]
pub struct Findings {
    /// DSNs in code and `.env` files.
    pub dsns: Vec<FoundDsn>,
    /// `.sentryclirc`, the project's first, the home folder's after it.
    pub sentryclirc: Vec<Sentryclirc>,
    /// The login of the `sentry` client.
    pub login: Option<ClientLogin>,
}

/// Looks around: in the code of the project, and for logins of Sentry's own clients.
pub async fn look_around(dir: &Path) -> Findings {
    Findings { dsns: dsn::in_folder(dir), ..look_for_logins(dir).await }
}

/// Looks for logins only.
pub async fn look_for_logins(dir: &Path) -> Findings {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    Findings {
        dsns: Vec::new(),
        sentryclirc: sentryclirc::upwards(dir, home.as_deref()),
        login: client_login::of_user(home.as_deref()).await,
    }
}
