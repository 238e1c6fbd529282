//! `.sentryclirc`: the configuration of `sentry-cli`, an INI file.

use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// What one file says.
#[derive(Debug)]
pub struct Sentryclirc {
    /// The file.
    pub path: PathBuf,
    /// `[auth] token`
    pub token: Option<SecretString>,
    /// `[defaults] url`
    pub url: Option<String>,
    /// `[defaults] org`
    pub org: Option<String>,
    /// `[defaults] project`
    pub project: Option<String>,
}

/// The files that count for a folder, nearest first, the home folder's last.
pub fn upwards(dir: &Path, home: Option<&Path>) -> Vec<Sentryclirc> {
    let mut folders: Vec<&Path> = dir.ancestors().collect();
    folders.extend(home.filter(|home| !dir.starts_with(home)));
    folders
        .into_iter()
        .map(|folder| folder.join(".sentryclirc"))
        .filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| read(path, &text)))
        .collect()
}

fn read(path: PathBuf, text: &str) -> Sentryclirc {
    let mut found = Sentryclirc { path, token: None, url: None, org: None, project: None };
    let mut section = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim().to_ascii_lowercase();
        } else if let Some((key, value)) = line.split_once('=') {
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            match (section.as_str(), key.trim().to_ascii_lowercase().as_str()) {
                ("auth", "token") => found.token = Some(SecretString::from(value)),
                ("defaults", "url") => found.url = Some(value.trim_end_matches('/').to_owned()),
                ("defaults", "org") => found.org = Some(value),
                ("defaults", "project") => found.project = Some(value),
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn the_file_of_sentry_cli_is_read() {
        let text = "; ours\n[defaults]\nurl = https://sentry.example/\norg=acme\nproject = api\n\n[auth]\ntoken=sntryu_x\n[http]\nproxy_url=a\n";
        let found = read(PathBuf::from("x"), text);
        assert_eq!(found.url.as_deref(), Some("https://sentry.example"));
        assert_eq!((found.org.as_deref(), found.project.as_deref()), (Some("acme"), Some("api")));
        assert_eq!(found.token.as_ref().map(|token| token.expose_secret()), Some("sntryu_x"));
        assert!(!format!("{found:?}").contains("sntryu_x"));
    }
}
