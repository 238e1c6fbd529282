//! Which credentials a run uses: those that are configured, and for Sentry also the login of its own clients, but only
//! towards the server that they belong to.

use crate::config::Config;
use crate::config::secret::{self, Credential, Found};
use crate::discover::{self, ClientLogin, Sentryclirc};
use crate::failure::{Failure, Kind};
use orderly_connect::linear::LinearToken;
use orderly_connect::sentry::SentryToken;
use secrecy::ExposeSecret;
use std::path::Path;

/// The token for the configured Sentry.
///
/// # Errors
/// An access failure that says how to get one.
pub async fn sentry(config: &Config) -> Result<(SentryToken, String), Failure> {
    let found = sentry_found(config.settings.sentry_url.as_str(), &config.dir).await;
    let found = found.ok_or_else(|| missing(Credential::Sentry))?;
    Ok((SentryToken::new(found.secret.expose_secret()), found.place))
}

/// The key for the configured tracker.
///
/// # Errors
/// An access failure that says how to get one.
pub fn tracker(config: &Config) -> Result<(LinearToken, String), Failure> {
    let found = secret::find(Credential::Linear, &config.dir).ok_or_else(|| missing(Credential::Linear))?;
    Ok((LinearToken::new(found.secret.expose_secret()), found.place))
}

/// A token for the Sentry at `url`, wherever it is kept.
pub async fn sentry_found(url: &str, dir: &Path) -> Option<Found> {
    if let Some(found) = secret::find(Credential::Sentry, dir) {
        return Some(found);
    }
    let findings = discover::look_for_logins(dir).await;
    findings
        .sentryclirc
        .into_iter()
        .find_map(|file| of_file(file, url))
        .or_else(|| findings.login.and_then(|l| of_login(l, url)))
}

fn of_file(file: Sentryclirc, url: &str) -> Option<Found> {
    let belongs = same_server(file.url.as_deref(), url);
    let secret = file.token.filter(|_| belongs)?;
    Some(Found { secret, place: file.path.display().to_string() })
}

fn of_login(login: ClientLogin, url: &str) -> Option<Found> {
    let belongs = same_server(login.host.as_deref(), url);
    belongs.then(|| Found {
        secret: login.token,
        place: format!("login of the `sentry` client ({})", login.path.display()),
    })
}

/// Whether a login made for `theirs` (sentry.io when it does not say) may be sent to `ours`.
fn same_server(theirs: Option<&str>, ours: &str) -> bool {
    let origin = |text: &str| url::Url::parse(text).ok().map(|url| url.origin());
    let theirs = origin(theirs.unwrap_or("https://sentry.io"));
    theirs.is_some() && theirs == origin(ours)
}

fn missing(credential: Credential) -> Failure {
    let what = match credential {
        Credential::Sentry => "no Sentry token was found",
        Credential::Linear => "no Linear key was found",
    };
    Failure::new(Kind::Access, what)
        .hint(credential.step())
        .hint("`orderly doctor` checks it, `orderly demo` needs none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_only_sent_to_the_server_it_was_made_for() {
        assert!(same_server(None, "https://sentry.io/"));
        assert!(same_server(Some("https://sentry.example"), "https://sentry.example/"));
        assert!(!same_server(None, "https://sentry.example"));
        assert!(!same_server(Some("https://sentry.example"), "http://sentry.example"));
        assert!(!same_server(Some("https://sentry.example:8443"), "https://sentry.example"));
        assert!(!same_server(Some("not an address"), "not an address"));
    }
}
