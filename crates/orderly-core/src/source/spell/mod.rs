//! The names under which the file of a frame may be tracked, the most trusted first.

mod compiled;
mod go;
mod jvm;
mod path;
mod rust;
mod script;

use super::located::{Miss, Named};
use super::manifest::{Manifests, join};
use super::{CodeMapping, Traced};
use crate::normal::platform::Platform;
use crate::untrusted::Untrusted;
pub(super) use path::{clean, is_outside};
pub(super) use rust::modules as rust_modules;
pub(super) use script::is_bundle;

/// A name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Components parted by `/`, without a slash at either end.
    pub path: String,
    /// What named it.
    pub named: Named,
    /// From where the path counts.
    pub anchor: Anchor,
    /// What the frame's line is worth in this file.
    pub line: LineWorth,
}

/// From where a path counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// From the top of the repository.
    Top,
    /// From somewhere: of a build, of a machine, of a source folder.
    Anywhere,
}

/// What the line of a frame is worth in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineWorth {
    /// It counts in this file.
    Own,
    /// It counts in what was compiled from the file.
    Compiled,
}

impl Spelling {
    fn new(path: impl Into<String>, named: Named) -> Self {
        Self { path: path.into(), named, anchor: Anchor::Anywhere, line: LineWorth::Own }
    }

    fn at_top(path: impl Into<String>, named: Named) -> Self {
        Self { anchor: Anchor::Top, ..Self::new(path, named) }
    }

    fn compiled(path: impl Into<String>) -> Self {
        Self { line: LineWorth::Compiled, ..Self::new(path, Named::Compiled) }
    }
}

/// Longest name that is looked at, in bytes.
const LONGEST: usize = 1_000;
/// Most names of one frame.
const MOST: usize = 40;

/// All names of a frame's file.
pub(super) fn spellings(
    traced: &Traced<'_>,
    manifests: &Manifests,
    mappings: &[CodeMapping],
) -> Result<Vec<Spelling>, Miss> {
    let raw = Raw::of(traced);
    if let Some(original) = traced.original {
        return of_original(original.source.as_str(), mappings);
    }
    if raw.is_empty() {
        return Err(Miss::Nameless);
    }
    for name in [raw.abs_path, raw.file].into_iter().filter(|name| !name.is_empty()) {
        if path::is_outside(name) {
            return Err(Miss::Outside { path: Untrusted::from(name) });
        }
    }
    if let Some(what) = [raw.file, raw.abs_path].into_iter().find(|name| path::is_generated(name)) {
        return Err(Miss::Generated { what: Untrusted::from(what) });
    }
    if traced.platform == Platform::Jvm && jvm::is_obfuscated(&raw) {
        return Err(Miss::Obfuscated);
    }
    let mut all = mapped(&raw, mappings);
    match traced.platform {
        Platform::JavaScript => all.extend(script::spellings(&raw)),
        Platform::Jvm => all.extend(jvm::spellings(&raw)),
        Platform::Go => all.extend(go::spellings(&raw, manifests)),
        Platform::Rust => all.extend(plain(&raw).into_iter().chain(rust::spellings(&raw, manifests))),
        Platform::Python => all.extend(plain(&raw).into_iter().chain(python(&raw))),
        Platform::Php | Platform::DotNet => {
            all.extend(plain(&raw).into_iter().chain(namespaces(&raw, traced.platform)));
        }
        Platform::Ruby => all.extend(plain(&raw)),
        Platform::Native | Platform::Other => {
            all.extend(dart(&raw, manifests));
            all.extend(plain(&raw));
            all.extend(script::spellings(&raw));
            all.extend(rust::spellings(&raw, manifests));
        }
    }
    all.retain(|spelling| !spelling.path.is_empty());
    let mut seen = Vec::new();
    all.retain(|spelling| {
        let new = !seen.contains(&spelling.path);
        seen.push(spelling.path.clone());
        new
    });
    all.truncate(MOST);
    if all.is_empty() { Err(Miss::Nameless) } else { Ok(all) }
}

/// What a frame says, as text.
struct Raw<'a> {
    function: &'a str,
    module: &'a str,
    file: &'a str,
    abs_path: &'a str,
}

impl<'a> Raw<'a> {
    fn of(traced: &Traced<'a>) -> Self {
        let frame = traced.frame;
        let text =
            |text: &'a Option<Untrusted<String>>| text.as_ref().map_or("", |text| capped(text.as_raw_str()));
        let function = frame.raw_function.as_ref().unwrap_or(&frame.function);
        Self {
            function: capped(function.as_raw_str()),
            module: text(&frame.module),
            file: text(&frame.file),
            abs_path: text(&frame.abs_path),
        }
    }

    fn is_empty(&self) -> bool {
        self.module.is_empty()
            && self.file.is_empty()
            && self.abs_path.is_empty()
            && !self.function.contains("::")
    }
}

fn capped(text: &str) -> &str {
    let text = text.trim();
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

fn of_original(source: &str, mappings: &[CodeMapping]) -> Result<Vec<Spelling>, Miss> {
    let source = capped(source);
    if path::is_outside(source) {
        return Err(Miss::Outside { path: Untrusted::from(source) });
    }
    let name = script::clean_source(source);
    let raw = Raw { function: "", module: "", file: &name, abs_path: "" };
    let mut all = mapped(&raw, mappings);
    all.push(Spelling::new(name.as_str(), Named::SourceMap));
    all.retain(|spelling| !spelling.path.is_empty());
    if all.is_empty() { Err(Miss::Generated { what: Untrusted::from(source) }) } else { Ok(all) }
}

/// Names by the code mappings: the longest root that fits, and of equal ones the last.
fn mapped(raw: &Raw<'_>, mappings: &[CodeMapping]) -> Vec<Spelling> {
    let fits = |name: &str| {
        let fitting = mappings.iter().filter_map(|mapping| {
            let rest = name.strip_prefix(mapping.stack_root.as_str())?;
            Some((mapping.stack_root.len(), join(&clean(&mapping.source_root), &clean(rest))))
        });
        fitting.max_by_key(|(length, _)| *length).map(|(_, path)| path)
    };
    let names = [raw.file, raw.abs_path].into_iter().filter(|name| !name.is_empty());
    names.filter_map(fits).map(|path| Spelling::at_top(path, Named::CodeMapping)).collect()
}

/// The file and the path, as they stand.
fn plain(raw: &Raw<'_>) -> Vec<Spelling> {
    vec![Spelling::new(clean(raw.abs_path), Named::AbsolutePath), Spelling::new(clean(raw.file), Named::File)]
}

/// `app.pay` is `app/pay.py` or `app/pay/__init__.py`.
fn python(raw: &Raw<'_>) -> Vec<Spelling> {
    let identifier = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if raw.module.is_empty() || raw.module == "__main__" || !raw.module.chars().all(identifier) {
        return Vec::new();
    }
    let path = raw.module.replace('.', "/");
    vec![
        Spelling::new(format!("{path}.py"), Named::Module),
        Spelling::new(format!("{path}/__init__.py"), Named::Module),
    ]
}

/// `App\Http\PayController` is `App/Http/PayController.php`; `Acme.Shop.Cart.Add` is a member of `Acme/Shop/Cart.cs`.
fn namespaces(raw: &Raw<'_>, platform: Platform) -> Vec<Spelling> {
    let extension = if platform == Platform::Php { "php" } else { "cs" };
    let mut spellings = Vec::new();
    for name in [raw.module, raw.function] {
        let owner = name.split("::").next().unwrap_or(name).split(['(', '`', '<']).next().unwrap_or(name);
        let separators: &[char] = if platform == Platform::Php { &['\\'] } else { &['.', '/', '+'] };
        let parts: Vec<&str> = owner.split(separators).filter(|part| !part.is_empty()).collect();
        let simple = |part: &str| part.chars().all(|c| c.is_alphanumeric() || c == '_');
        if parts.len() < 2 || !parts.iter().all(|part| simple(part)) {
            continue;
        }
        // The last parts may be members of a class.
        for length in (2..=parts.len()).rev().take(3) {
            spellings
                .push(Spelling::new(format!("{}.{extension}", parts[..length].join("/")), Named::Module));
        }
    }
    spellings
}

/// `package:shop/src/cart.dart` is `lib/src/cart.dart` of the package `shop`.
fn dart(raw: &Raw<'_>, manifests: &Manifests) -> Vec<Spelling> {
    let names = [raw.abs_path, raw.file].into_iter().filter_map(|name| name.strip_prefix("package:"));
    let split = names.filter_map(|name| name.split_once('/'));
    let (mut known, mut guessed) = (Vec::new(), Vec::new());
    for (package, rest) in split {
        let path = format!("lib/{}", clean(rest));
        known.extend(
            manifests.dart(package).map(|folder| Spelling::at_top(join(folder, &path), Named::Module)),
        );
        guessed.push(Spelling::new(path, Named::File));
    }
    known.extend(guessed);
    known
}
