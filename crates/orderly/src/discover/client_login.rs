//! The login of the npm `sentry` client: a row of its SQLite file, opened read-only.

use secrecy::SecretString;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row};
use std::path::{Path, PathBuf};

/// A login.
#[derive(Debug)]
pub struct ClientLogin {
    /// The file.
    pub path: PathBuf,
    /// The token.
    pub token: SecretString,
    /// The server it belongs to; sentry.io when the file does not say.
    pub host: Option<String>,
}

/// The login of the user, if the client is logged in and its file can be read.
pub async fn of_user(home: Option<&Path>) -> Option<ClientLogin> {
    let path = folders(home).into_iter().map(|folder| folder.join("cli.db")).find(|path| path.is_file())?;
    let options = SqliteConnectOptions::new().filename(&path).read_only(true);
    let mut connection = options.connect().await.ok()?;
    let row = sqlx::query("SELECT * FROM auth WHERE id = 1").fetch_optional(&mut connection).await.ok()??;
    let token: String = row.try_get("token").ok()?;
    let host = row.try_get::<Option<String>, _>("host").ok().flatten();
    (!token.is_empty()).then(|| ClientLogin { path, token: SecretString::from(token), host })
}

/// Where the client keeps its file: its own variable, the old folder, the configuration folder.
fn folders(home: Option<&Path>) -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(folder) = variable("SENTRY_CONFIG_DIR") {
        return vec![folder];
    }
    let configuration = variable("XDG_CONFIG_HOME").or_else(|| home.map(|home| home.join(".config")));
    home.map(|home| home.join(".sentry"))
        .into_iter()
        .chain(configuration.map(|folder| folder.join("sentry")))
        .collect()
}
