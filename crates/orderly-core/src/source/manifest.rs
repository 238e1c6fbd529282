//! What the parts of a repository are called by their compilers: crates in `Cargo.toml`, modules in `go.mod`, packages
//! of Dart in `pubspec.yaml`.

use super::files::{RepoPath, TrackedFiles};

/// Most manifests that are read; a repository with more has them in generated or vendored folders.
const MOST: usize = 2_000;

/// Names of parts and their folders.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    parts: Vec<Part>,
}

/// A part of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    kind: Kind,
    /// `app_lib`, `example.com/shop`.
    name: String,
    /// Its folder, without a slash at the end.
    folder: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Crate,
    GoModule,
    DartPackage,
}

fn kind(name: &str) -> Option<Kind> {
    match name {
        "Cargo.toml" => Some(Kind::Crate),
        "go.mod" => Some(Kind::GoModule),
        "pubspec.yaml" => Some(Kind::DartPackage),
        _ => None,
    }
}

impl Manifests {
    /// The tracked manifests, whose texts [`Manifests::read`] takes.
    pub fn wanted(files: &TrackedFiles) -> Vec<RepoPath> {
        let manifests = files.with_names().filter(|(_, name)| kind(name).is_some());
        manifests.take(MOST).map(|(path, _)| TrackedFiles::certified(path)).collect()
    }

    /// Reads manifests. One that is not well-formed names nothing.
    pub fn read<'a>(texts: impl IntoIterator<Item = (&'a RepoPath, &'a str)>) -> Self {
        let parts = texts.into_iter().flat_map(|(path, text)| {
            let folder = path.folder();
            let kind = kind(path.name());
            let names = match kind {
                Some(Kind::Crate) => crate_names(text),
                Some(Kind::GoModule) => go_module(text).into_iter().collect(),
                Some(Kind::DartPackage) => dart_package(text).into_iter().collect(),
                None => Vec::new(),
            };
            names
                .into_iter()
                .filter_map(move |name| Some(Part { kind: kind?, name, folder: folder.to_owned() }))
        });
        let mut parts: Vec<Part> = parts.collect();
        parts.sort_by(|a, b| (b.name.len(), &a.folder).cmp(&(a.name.len(), &b.folder)));
        Self { parts }
    }

    /// Folders of the crates with this name, as it stands in paths of functions.
    pub(super) fn crates<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.of(Kind::Crate).filter(move |part| part.name == name).map(|part| part.folder.as_str())
    }

    /// A package path of Go, below its module: folder of the module and the rest.
    pub(super) fn go<'a>(&'a self, package: &'a str) -> impl Iterator<Item = String> + 'a {
        self.of(Kind::GoModule).filter_map(move |part| {
            let rest = package.strip_prefix(part.name.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| join(&part.folder, rest))
        })
    }

    /// Folders of the Dart packages with this name.
    pub(super) fn dart<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.of(Kind::DartPackage).filter(move |part| part.name == name).map(|part| part.folder.as_str())
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.kind == kind)
    }
}

/// A folder and a path below it.
pub(super) fn join(folder: &str, rest: &str) -> String {
    let rest = rest.trim_start_matches('/');
    if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
}

/// The package and what its library and programs are called, as a compiler spells them.
fn crate_names(text: &str) -> Vec<String> {
    let (mut section, mut names) = ("", Vec::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if let ("[package]" | "[lib]" | "[[bin]]", Some((key, value))) =
            (section, line.split_once('='))
            && key.trim() == "name"
            && let Some(name) = quoted(value)
        {
            names.push(name.replace('-', "_"));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn go_module(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let name = line.split("//").next()?.trim().trim_matches('"');
    (!name.is_empty()).then(|| name.to_owned())
}

fn dart_package(text: &str) -> Option<String> {
    let name = text.lines().find_map(|line| line.strip_prefix("name:"))?.trim();
    (!name.is_empty()).then(|| name.trim_matches(['"', '\'']).to_owned())
}

fn quoted(value: &str) -> Option<&str> {
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next()
}
