//! Where a ledger is kept.

use std::fmt;
use std::path::PathBuf;
use url::Url;

/// Where a ledger is kept. Neither `Debug` nor `Display` shows a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerLocation {
    /// A SQLite file of its own. It is created private to the user, as is its folder.
    File(PathBuf),
    /// A PostgreSQL database, shared by several runners.
    Database(SecretUrl),
    /// Memory: every ledger opened here is another one and ends with its [`SqlLedger`](crate::SqlLedger).
    Memory,
}

impl fmt::Display for LedgerLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Database(url) => write!(f, "{url}"),
            Self::Memory => f.write_str("in memory"),
        }
    }
}

/// Address of a PostgreSQL database, which may carry a password.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

/// Why an address is no address of a ledger. Says nothing of what was given but names of parameters: it may be a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadDatabaseUrl {
    /// Not an URL.
    #[error("the database address is not an URL ({0}): write postgres://USER@HOST:PORT/DATABASE")]
    NotAUrl(url::ParseError),
    /// Another kind of URL.
    #[error("the database address must begin with postgres:// or postgresql://")]
    Scheme,
    /// A parameter that the driver would ignore.
    #[error("the database address has the parameter `{0}`, which PostgreSQL does not know; known are {known}", known = PARAMETERS.join(", "))]
    Parameter(String),
}

/// What the driver understands after `?`. It would log any other one together with its value, be it a mistyped password.
const PARAMETERS: [&str; 18] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
];

impl SecretUrl {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. The password may as well come from `PGPASSWORD` or
    /// `~/.pgpass`, and a Unix socket is `postgres:///DATABASE?host=/folder/of/the/socket`.
    ///
    /// # Errors
    /// [`BadDatabaseUrl`], when it is something else.
    pub fn parse(text: &str) -> Result<Self, BadDatabaseUrl> {
        let url = Url::parse(text).map_err(BadDatabaseUrl::NotAUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(BadDatabaseUrl::Scheme);
        }
        let known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
        if let Some((name, _)) = url.query_pairs().find(|(name, _)| !known(name)) {
            return Err(BadDatabaseUrl::Parameter(name.into_owned()));
        }
        Ok(Self(url))
    }

    /// The address with everything that is secret.
    pub(crate) fn expose(&self) -> &Url {
        &self.0
    }

    /// A text of the driver without the password, should it ever hold it.
    pub(crate) fn hide_in(&self, text: String) -> String {
        let written = self.0.password().map(str::to_owned);
        let decoded = written.as_ref().and_then(|password| {
            // A form decodes `%40`; what else means something in a form is taken literally here.
            let form = format!("p={}", password.replace('+', "%2B").replace('&', "%26"));
            url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
        });
        let asked =
            self.0.query_pairs().find(|(name, _)| name == "password").map(|(_, value)| value.into_owned());
        [written, decoded, asked]
            .into_iter()
            .flatten()
            // Blanking out every `a` would tell more than it hides.
            .filter(|secret| secret.len() >= 4)
            .fold(text, |text, secret| text.replace(&secret, "[password]"))
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.0.scheme())?;
        if !self.0.username().is_empty() {
            write!(f, "{}@", self.0.username())?;
        }
        write!(f, "{}", self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.0.path())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({self})")
    }
}

#[cfg(test)]
mod tests;
