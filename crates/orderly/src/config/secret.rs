//! Where credentials come from: the environment, a file named by the environment, `.env`, or the system keyring.
//! Never an argument, which every process on the machine could read.

use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A credential and where it was found.
#[derive(Debug)]
pub struct Found {
    /// The credential.
    pub secret: SecretString,
    /// Where, in words.
    pub place: String,
}

/// Which credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A Sentry auth token.
    Sentry,
    /// A Linear API key or OAuth token.
    Linear,
}

impl Credential {
    /// Environment variables that may hold it, first match wins.
    pub const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Sentry => &["SENTRY_AUTH_TOKEN", "SENTRY_AUTH"],
            Self::Linear => &["LINEAR_API_KEY"],
        }
    }

    /// How to get one and where to put it.
    pub const fn step(self) -> &'static str {
        match self {
            Self::Sentry => {
                "create a token in Sentry under Settings > Custom Integrations (an internal integration with org:read, project:read, team:read, member:read, event:read, event:write) and put it into SENTRY_AUTH_TOKEN, in the environment or in .env"
            }
            Self::Linear => {
                "create a key in Linear under Settings > Security & access > Personal API keys and put it into LINEAR_API_KEY, in the environment or in .env"
            }
        }
    }
}

/// Looks for a credential. `dir` is the folder of `orderly.toml`.
pub fn find(credential: Credential, dir: &Path) -> Option<Found> {
    let mut places = credential.variables().iter();
    places
        .find_map(|name| written(name, dir))
        .or_else(|| credential.variables().first().and_then(|name| from_keyring(name)))
}

/// Looks for a secret that the configuration names. `dir` is the folder of `orderly.toml`.
pub fn named(name: &str, dir: &Path) -> Option<Found> {
    written(name, dir).or_else(|| from_keyring(name))
}

fn written(name: &str, dir: &Path) -> Option<Found> {
    from_environment(name).or_else(|| from_file(name)).or_else(|| from_dotenv(name, dir))
}

fn from_environment(name: &str) -> Option<Found> {
    found(std::env::var(name).ok()?, format!("environment variable {name}"))
}

fn from_file(name: &str) -> Option<Found> {
    let path = PathBuf::from(std::env::var_os(format!("{name}_FILE"))?);
    found(std::fs::read_to_string(&path).ok()?, format!("file {} (named by {name}_FILE)", path.display()))
}

fn from_dotenv(name: &str, dir: &Path) -> Option<Found> {
    let path = dir.join(".env");
    let text = std::fs::read_to_string(&path).ok()?;
    found(dotenv_value(&text, name)?, path.display().to_string())
}

fn found(secret: String, place: String) -> Option<Found> {
    let secret = secret.trim();
    (!secret.is_empty()).then(|| Found { secret: SecretString::from(secret.to_owned()), place })
}

/// The value of `NAME=value` in the text of a `.env` file: `export` and quotes are allowed, the last one counts.
fn dotenv_value(text: &str, name: &str) -> Option<String> {
    text.lines().rev().find_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim();
        let unquoted = ['"', '\'']
            .iter()
            .find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q))
            .unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim_end());
        Some(unquoted.to_owned())
    })
}

/// Asks the keyring program of the system for service `orderly`. A missing program or entry is simply no answer.
fn from_keyring(name: &str) -> Option<Found> {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("security", &["find-generic-password", "-w", "-s", "orderly", "-a", name])
    } else {
        ("secret-tool", &["lookup", "service", "orderly", "name", name])
    };
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()?;
    found(text, format!("system keyring (service orderly, {name})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotenv_file_is_read_as_shells_write_it() {
        let text = "# tokens\nexport LINEAR_API_KEY='lin_1'\nSENTRY_AUTH_TOKEN=\"a b\"\nOTHER=1 # why\nOTHER = 2 # because\nSENTRY_AUTH_TOKENS=no\n";
        assert_eq!(dotenv_value(text, "LINEAR_API_KEY").as_deref(), Some("lin_1"));
        assert_eq!(dotenv_value(text, "SENTRY_AUTH_TOKEN").as_deref(), Some("a b"));
        assert_eq!(dotenv_value(text, "OTHER").as_deref(), Some("2"));
        assert_eq!(dotenv_value(text, "MISSING"), None);
    }

    #[test]
    fn a_credential_never_shows_in_debug_output() {
        let found = found("tok_very_secret".to_owned(), "here".to_owned()).unwrap();
        assert!(!format!("{found:?}").contains("very_secret"));
    }
}
