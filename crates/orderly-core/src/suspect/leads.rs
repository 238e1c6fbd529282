//! Files outside a trace to which it leads: classes that a message names, and the other halves of pairs.

use super::inputs::Crash;
use super::trace::{files, folder, stem};
use crate::normal::platform::Platform;
use crate::source::TrackedFiles;

/// A file that is in no frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Its path in the repository, or under which it would be tracked.
    pub path: String,
    /// What leads to it.
    pub link: Link,
}

/// What leads to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A message names its class with the package.
    Named,
    /// It is the other half of a pair with one of the first files: what a reader cannot read, a writer wrote.
    Counterpart,
}

/// Words in names of classes that come in pairs.
const PAIRS: &[(&str, &str)] = &[
    ("Input", "Output"),
    ("Reader", "Writer"),
    ("Decoder", "Encoder"),
    ("Deserializer", "Serializer"),
    ("Decompressor", "Compressor"),
    ("Unmarshaller", "Marshaller"),
    ("Importer", "Exporter"),
    ("Parser", "Formatter"),
];

/// Files whose other halves are looked for.
const MOST_HALVES: usize = 2;
/// Classes of messages that are looked for.
const MOST_NAMED: usize = 8;

/// First packages of what the runtime and its language bring.
const RUNTIME: &[&str] = &["java", "javax", "jdk", "sun", "kotlin", "kotlinx", "scala", "groovy"];

/// The files that a crash leads to, by their names alone: whether they are there is not known.
pub fn leads(crash: &Crash) -> Vec<Lead> {
    let trace = files(crash);
    let mut leads: Vec<Lead> = Vec::new();
    let mut add = |path: String, link: Link| {
        if trace.iter().all(|file| file.path != path) && leads.iter().all(|lead| lead.path != path) {
            leads.push(Lead { path, link });
        }
    };
    if crash.platform == Platform::Jvm {
        let ending = trace.first().and_then(|file| Some(file.path.rsplit_once('.')?.1)).unwrap_or("java");
        for class in classes(crash).into_iter().take(MOST_NAMED) {
            add(format!("{}.{ending}", class.replace('.', "/")), Link::Named);
        }
    }
    for file in trace.iter().filter(|file| !file.only_raises()).take(MOST_HALVES) {
        for half in other_halves(file.path) {
            add(half, Link::Counterpart);
        }
    }
    leads
}

/// Those of the leads that a repository tracks, under the paths that it tracks them.
pub fn tracked_leads(crash: &Crash, files: &TrackedFiles) -> Vec<Lead> {
    let known = super::trace::files(crash);
    let tracked = |lead: Lead| {
        let name = lead.path.rsplit('/').next()?;
        let fits = |path: &str| {
            path.strip_suffix(lead.path.as_str()).is_some_and(|root| root.is_empty() || root.ends_with('/'))
        };
        let mut fitting = files.named(name).into_iter().filter(|path| fits(path.as_str()));
        // Of several that are called so, nobody knows which is meant.
        let (path, None) = (fitting.next()?, fitting.next()) else { return None };
        let new = known.iter().all(|file| file.path != path.as_str());
        new.then(|| Lead { path: path.as_str().to_owned(), ..lead })
    };
    leads(crash).into_iter().filter_map(tracked).collect()
}

/// The outer classes that messages name with their packages, without those of the runtime, of tests and of exceptions.
fn classes(crash: &Crash) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    for failure in &crash.failures {
        let words = failure.message.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        for class in words.filter_map(qualified) {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
    }
    classes
}

/// `com.acme.Cart` of `com.acme.Cart.total`.
fn qualified(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split('.').collect();
    let class = parts.iter().position(|part| part.starts_with(char::is_uppercase))?;
    let packages = &parts[..class];
    let is_package = |part: &&str| part.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let own = packages.len() >= 2 && packages.iter().all(is_package) && !RUNTIME.contains(&packages[0]);
    let name = parts[class];
    let test =
        name.starts_with("Test") || ["Test", "Tests", "TestCase"].iter().any(|end| name.ends_with(end));
    let reports = name.ends_with("Exception") || name.ends_with("Error");
    (own && !test && !reports).then(|| parts[..=class].join("."))
}

/// `a/CartWriter.java` of `a/CartReader.java`.
fn other_halves(path: &str) -> impl Iterator<Item = String> {
    let (folder, stem) = (folder(path), stem(path));
    let start = path.len() - path.rsplit('/').next().unwrap_or(path).len();
    let ending = &path[start + stem.len()..];
    let swaps = PAIRS.iter().flat_map(|(one, other)| [(one, other), (other, one)]);
    let halves = swaps.filter(move |(from, _)| stem.contains(**from));
    halves.map(move |(from, to)| {
        let name = format!("{}{ending}", stem.replace(*from, to));
        if folder.is_empty() { name } else { format!("{folder}/{name}") }
    })
}
