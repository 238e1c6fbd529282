//! Go: a package is a folder below its module.

use super::{Anchor, Raw, Spelling, clean};
use crate::source::located::Named;
use crate::source::manifest::Manifests;

pub(super) fn spellings(raw: &Raw<'_>, manifests: &Manifests) -> Vec<Spelling> {
    let file = clean(raw.file);
    let abs = clean(raw.abs_path);
    let name = abs.rsplit('/').next().filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| file.rsplit('/').next().unwrap_or_default());
    let mut all = Vec::new();
    // Built with -trimpath, a path begins with the module.
    for path in [&abs, &file] {
        let below = manifests.go(path).map(|path| Spelling::at_top(path, Named::Module));
        all.extend(below.filter(|spelling| !spelling.path.is_empty()));
    }
    let package = package(raw);
    if !name.is_empty() && !package.is_empty() && package != "main" {
        let within =
            manifests.go(package).map(|folder| Spelling::at_top(below(&folder, name), Named::Module));
        all.extend(within);
        all.push(Spelling::new(below(package, name), Named::Module));
    }
    all.push(Spelling::new(abs, Named::AbsolutePath));
    all.push(Spelling { anchor: Anchor::Anywhere, ..Spelling::new(file, Named::File) });
    all
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// `example.com/shop/cart` of `example.com/shop/cart.(*Cart).Add`.
fn package<'a>(raw: &Raw<'a>) -> &'a str {
    if !raw.module.is_empty() {
        return raw.module;
    }
    let slash = raw.function.rfind('/').map_or(0, |at| at + 1);
    let point = raw.function[slash..].find('.').map_or(raw.function.len(), |at| slash + at);
    if slash == 0 && point == raw.function.len() { "" } else { &raw.function[..point] }
}
