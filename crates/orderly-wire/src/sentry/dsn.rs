//! The DSN: the address and public key an SDK sends events to.
//!
//! `{scheme}://{public_key}[:{secret_key}]@{host}[:{port}][{path}]/{project_id}`

use std::fmt;
use std::str::FromStr;

use url::Url;

/// A parsed DSN. The secret key is legacy; nothing needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    /// Scheme, host, port and path prefix; no credentials, ends with a slash.
    base: Url,
    public_key: String,
    secret_key: Option<String>,
    project_id: String,
}

/// Why a text is no DSN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDsn {
    /// Not a URL at all.
    #[error("the DSN is not a URL: {0}")]
    NotAUrl(#[from] url::ParseError),
    /// Only http and https carry events.
    #[error("the DSN's scheme is {0:?}; it must be http or https")]
    Scheme(String),
    /// No host name.
    #[error("the DSN names no host")]
    NoHost,
    /// No user name, or one with characters a key cannot have.
    #[error("the DSN has no public key, or one with other characters than letters, digits, - and _")]
    PublicKey,
    /// No last path segment, or one with characters a project id cannot have.
    #[error("the DSN does not end with a project id of letters, digits, - and _")]
    ProjectId,
    /// A query or fragment belongs to no DSN.
    #[error("the DSN has a query or fragment")]
    Trailing,
}

impl Dsn {
    /// A DSN for a project of the server at `base` (`http://127.0.0.1:9000`, path prefix allowed).
    ///
    /// # Errors
    /// When the key or project id has characters a DSN cannot carry, or `base` is no http(s) URL.
    pub fn new(base: &Url, public_key: &str, project_id: &str) -> Result<Self, InvalidDsn> {
        Self::from_parts(base.clone(), public_key.to_owned(), None, project_id.to_owned())
    }

    fn from_parts(
        mut base: Url,
        public_key: String,
        secret_key: Option<String>,
        project_id: String,
    ) -> Result<Self, InvalidDsn> {
        if !matches!(base.scheme(), "http" | "https") {
            return Err(InvalidDsn::Scheme(base.scheme().to_owned()));
        }
        if base.host_str().is_none_or(str::is_empty) {
            return Err(InvalidDsn::NoHost);
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(InvalidDsn::Trailing);
        }
        if !is_word(&public_key) || secret_key.as_deref().is_some_and(|key| !is_word(key)) {
            return Err(InvalidDsn::PublicKey);
        }
        if !is_word(&project_id) {
            return Err(InvalidDsn::ProjectId);
        }
        let cleared = base.set_username("").and_then(|()| base.set_password(None));
        cleared.map_err(|()| InvalidDsn::NoHost)?;
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        Ok(Self { base, public_key, secret_key, project_id })
    }

    /// The key that identifies the sender.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// The project the events belong to; a string of digits on every known server.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Scheme, host, port and path prefix of the server; ends with a slash.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Where envelopes are posted: `{base}api/{project_id}/envelope/`.
    pub fn envelope_url(&self) -> Url {
        self.endpoint("envelope")
    }

    /// Where single events are posted by old SDKs: `{base}api/{project_id}/store/`.
    pub fn store_url(&self) -> Url {
        self.endpoint("store")
    }

    /// The value of the `X-Sentry-Auth` header for a client of this name and version (`name/version`).
    pub fn auth_header(&self, client: &str) -> String {
        format!("Sentry sentry_version=7, sentry_key={}, sentry_client={client}", self.public_key)
    }

    fn endpoint(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}api/{}/{name}/", self.base.path(), self.project_id));
        url
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl FromStr for Dsn {
    type Err = InvalidDsn;

    fn from_str(text: &str) -> Result<Self, InvalidDsn> {
        let mut base = Url::parse(text.trim())?;
        let public_key = base.username().to_owned();
        let secret_key = base.password().map(str::to_owned);
        let path = base.path().trim_end_matches('/').to_owned();
        let (prefix, project_id) = path.rsplit_once('/').ok_or(InvalidDsn::ProjectId)?;
        base.set_path(prefix);
        Self::from_parts(base, public_key, secret_key, project_id.to_owned())
    }
}

impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base.as_str();
        let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
        write!(f, "{}://{}", self.base.scheme(), self.public_key)?;
        if let Some(secret) = &self.secret_key {
            write!(f, ":{secret}")?;
        }
        write!(f, "@{rest}{}", self.project_id)
    }
}

/// Never shows the secret key.
impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dsn")
            .field("base", &self.base.as_str())
            .field("public_key", &self.public_key)
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_endpoints_follow_from_the_dsn() {
        for (dsn, envelope) in [
            ("https://abc@o1.ingest.example.com/42", "https://o1.ingest.example.com/api/42/envelope/"),
            ("http://abc@127.0.0.1:9000/1", "http://127.0.0.1:9000/api/1/envelope/"),
            ("http://abc:def@example.com/deep/er/7/", "http://example.com/deep/er/api/7/envelope/"),
            ("http://abc@[::1]:80/7", "http://[::1]/api/7/envelope/"),
        ] {
            let parsed: Dsn = dsn.parse().unwrap();
            assert_eq!(parsed.envelope_url().as_str(), envelope);
            assert_eq!(parsed.public_key(), "abc");
        }
    }

    #[test]
    fn a_text_that_is_no_dsn_says_what_is_missing() {
        for (text, expected) in [
            ("ftp://k@h/1", InvalidDsn::Scheme("ftp".into())),
            ("http://h/1", InvalidDsn::PublicKey),
            ("http://k@h", InvalidDsn::ProjectId),
            ("http://k@h/", InvalidDsn::ProjectId),
            ("http://k@h/a b", InvalidDsn::ProjectId),
            ("http://k@h/1?x=1", InvalidDsn::Trailing),
            ("http://k%20y@h/1", InvalidDsn::PublicKey),
        ] {
            assert_eq!(text.parse::<Dsn>(), Err(expected), "{text}");
        }
        assert!(matches!("not a dsn".parse::<Dsn>(), Err(InvalidDsn::NotAUrl(_))));
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        let dsn: Dsn = "http://pub:hush@example.com/1".parse().unwrap();
        assert!(!format!("{dsn:?}").contains("hush"));
        assert_eq!(dsn.to_string(), "http://pub:hush@example.com/1");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            dsn in "https?://[a-f0-9]{8,32}(:[a-z0-9]{4})?@[a-z]{1,12}(\\.[a-z]{2,5})?(:[1-9][0-9]{1,3})?(/[a-z]{1,5}){0,2}/[0-9]{1,8}"
        ) {
            let parsed: Dsn = dsn.parse().unwrap();
            prop_assert_eq!(parsed.to_string().parse::<Dsn>().unwrap(), parsed);
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = text.parse::<Dsn>();
            let _ = format!("http://k@h/{text}").parse::<Dsn>();
            let _ = format!("http://{text}@h/1").parse::<Dsn>();
        }
    }
}
