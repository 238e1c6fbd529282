//! DSNs in code and `.env` files. A DSN is public: it names the server and the number of the project.

use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A DSN and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDsn {
    /// Server: `https://sentry.example`; for a DSN of sentry.io its own address, not that of the ingest host.
    pub server: String,
    /// Number of the project.
    pub project_id: String,
    /// Public key.
    pub public_key: String,
    /// The first file that holds it.
    pub place: PathBuf,
}

/// A folder is searched this far: what is deeper or larger is not where a DSN is configured.
const MOST_FILES: usize = 4000;
const MOST_BYTES: u64 = 512 * 1024;
const DEEPEST: usize = 8;

const SKIPPED: [&str; 12] = [
    "node_modules",
    "target",
    "vendor",
    "dist",
    "build",
    "out",
    "venv",
    "__pycache__",
    "coverage",
    "Pods",
    "bin",
    "obj",
];
const KINDS: [&str; 28] = [
    "py",
    "js",
    "mjs",
    "cjs",
    "ts",
    "tsx",
    "jsx",
    "vue",
    "svelte",
    "rs",
    "go",
    "java",
    "kt",
    "kts",
    "rb",
    "php",
    "cs",
    "swift",
    "dart",
    "ex",
    "exs",
    "json",
    "toml",
    "yaml",
    "yml",
    "properties",
    "ini",
    "xml",
];

static DSN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<scheme>https?)://(?P<key>[0-9a-f]{16,64})(?::[0-9a-f]{16,64})?@(?P<host>[A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?P<path>(?:/[A-Za-z0-9._-]+)*)/(?P<id>[0-9]{1,20})")
        .expect("a constant pattern, compiled by a test")
});

/// Every DSN in a folder, by file name order.
pub fn in_folder(dir: &Path) -> Vec<FoundDsn> {
    let mut files = Vec::new();
    collect(dir, 0, &mut files);
    let mut found: BTreeMap<String, FoundDsn> = BTreeMap::new();
    for path in files {
        if let Ok(text) = std::fs::read_to_string(&path) {
            for dsn in in_text(&text, path.strip_prefix(dir).unwrap_or(&path)) {
                found.entry(dsn.public_key.clone()).or_insert(dsn);
            }
        }
    }
    found.into_values().collect()
}

fn in_text(text: &str, place: &Path) -> Vec<FoundDsn> {
    DSN.captures_iter(text)
        .map(|found| FoundDsn {
            server: server(&found["scheme"], &found["host"], &found["path"]),
            project_id: found["id"].to_owned(),
            public_key: found["key"].to_owned(),
            place: place.to_path_buf(),
        })
        .collect()
}

/// Events of sentry.io go to hosts of their own (`o1.ingest.us.sentry.io`); its web API does not.
fn server(scheme: &str, host: &str, path: &str) -> String {
    if host == "sentry.io" || host.ends_with(".sentry.io") {
        return "https://sentry.io".to_owned();
    }
    format!("{scheme}://{host}{path}")
}

/// Files that may hold a DSN. Links are not followed: they may lead out of the project.
fn collect(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if files.len() >= MOST_FILES {
            return;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth < DEEPEST && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
            collect(&entry.path(), depth + 1, files);
        } else if kind.is_file()
            && may_hold_a_dsn(&name)
            && entry.metadata().is_ok_and(|m| m.len() <= MOST_BYTES)
        {
            files.push(entry.path());
        }
    }
}

fn may_hold_a_dsn(name: &str) -> bool {
    let by_kind = name.rsplit_once('.').is_some_and(|(stem, kind)| !stem.is_empty() && KINDS.contains(&kind));
    by_kind || name == ".env" || name.starts_with(".env.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_is_found_in_code_and_names_its_server() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "src/main.py",
            "sentry_sdk.init('https://0123456789abcdef0123456789abcdef@o7.ingest.us.sentry.io/42')",
        );
        write(".env", "SENTRY_DSN=http://aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb@127.0.0.1:9000/sentry/3\n");
        write("node_modules/x/index.js", "https://ffffffffffffffffffffffffffffffff@sentry.io/1");
        write("README.md", "https://eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee@sentry.io/1");
        let found = in_folder(dir.path());
        let seen: Vec<_> = found.iter().map(|d| (d.server.as_str(), d.project_id.as_str())).collect();
        assert_eq!(seen, [("https://sentry.io", "42"), ("http://127.0.0.1:9000/sentry", "3")]);
    }
}
