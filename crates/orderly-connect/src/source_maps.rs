//! Source maps on this machine: of a build folder, or of an artifact bundle that was unpacked.
//!
//! A map is only ever opened by a path that a walk over the given folders found, never by a name from an event or from
//! another file.

use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::Position;
use orderly_core::source::Original;
use orderly_engine::ports::maps::MapRead;
use sourcemap::DecodedMap;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Longest map that is read, in bytes.
const LONGEST: u64 = 128 * 1024 * 1024;
/// Most files and folders that a walk looks at.
const MOST: usize = 200_000;
/// Deepest folder of a walk.
const DEEPEST: usize = 24;

/// The maps below some folders.
pub struct SourceMaps {
    /// Paths of the maps by the name of their bundle.
    maps: BTreeMap<String, Vec<PathBuf>>,
    /// Maps that were read; `None` for those that are none.
    read: Mutex<BTreeMap<PathBuf, Option<Arc<DecodedMap>>>>,
}

impl SourceMaps {
    /// Finds the maps below `folders`. What cannot be listed holds none.
    pub fn find(folders: &[PathBuf]) -> Self {
        let mut maps: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        let mut left = MOST;
        for folder in folders {
            walk(folder, DEEPEST, &mut left, &mut |path| {
                let name = path.file_name().and_then(|name| name.to_str());
                if let Some(bundle) = name.and_then(|name| name.strip_suffix(".map")) {
                    maps.entry(bundle.to_owned()).or_default().push(path);
                }
            });
        }
        for paths in maps.values_mut() {
            paths.sort();
        }
        Self { maps, read: Mutex::default() }
    }

    /// The map of a bundle: of several with its name, the one whose folders agree most.
    fn map_of(&self, bundle: &str) -> Option<&Path> {
        let bundle = bundle.split(['?', '#']).next().unwrap_or(bundle).replace('\\', "/");
        let paths = self.maps.get(bundle.rsplit('/').next()?)?;
        let agreement = |path: &Path| {
            let path = path.with_extension("");
            let folders = path.components().rev().filter_map(|part| part.as_os_str().to_str());
            std::iter::zip(folders, bundle.rsplit('/')).take_while(|(a, b)| a == b).count()
        };
        let most = paths.iter().map(|path| agreement(path)).max()?;
        let mut best = paths.iter().filter(|path| agreement(path) == most);
        match (best.next(), best.next()) {
            (Some(only), None) => Some(only),
            // Two builds have the same name there: either may be the one that crashed.
            _ => None,
        }
    }

    fn decoded(&self, path: &Path) -> Option<Arc<DecodedMap>> {
        let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = read.get(path) {
            return known.clone();
        }
        let small = std::fs::metadata(path).is_ok_and(|about| about.len() <= LONGEST);
        let bytes = small.then(|| std::fs::read(path).ok()).flatten();
        let map = bytes.and_then(|bytes| sourcemap::decode_slice(&bytes).ok()).map(Arc::new);
        read.insert(path.to_owned(), map.clone());
        map
    }
}

#[async_trait]
impl MapRead for SourceMaps {
    async fn original(&self, bundle: &str, at: Position) -> Looked<Option<Original>> {
        let Some(path) = self.map_of(bundle) else { return Looked::Saw(None) };
        let Some(map) = self.decoded(path) else {
            let what = format!("{} is no source map, or a longer one than is read", path.display());
            return Looked::CouldNotLook(Cause::NoInput(what));
        };
        Looked::Saw(lookup(&map, at))
    }
}

fn lookup(map: &DecodedMap, at: Position) -> Option<Original> {
    let token = map.lookup_token(at.line.checked_sub(1)?, at.column?.checked_sub(1)?)?;
    // A place before the first token of its line belongs to an earlier line, which is another place.
    if token.get_dst_line() + 1 != at.line {
        return None;
    }
    let text = token.get_source_view().and_then(|view| view.get_line(token.get_src_line()));
    Some(Original {
        source: token.get_source()?.to_owned(),
        line: token.get_src_line() + 1,
        column: token.get_src_col() + 1,
        name: token.get_name().map(str::to_owned),
        text: text.map(str::to_owned),
    })
}

/// Hands on every file below a folder; links are not followed.
fn walk(folder: &Path, depth: usize, left: &mut usize, found: &mut impl FnMut(PathBuf)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        match entry.file_type() {
            Ok(kind) if kind.is_file() => found(entry.path()),
            Ok(kind) if kind.is_dir() && depth > 0 && entry.file_name() != "node_modules" => {
                walk(&entry.path(), depth - 1, left, found);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = r#"{"version":3,"sources":["../../src/cart.ts"],"sourcesContent":["a\nb\n  items.push(x);\n"],"names":["add"],"mappings":"AAEEA"}"#;

    fn maps(files: &[(&str, &str)]) -> (tempfile::TempDir, SourceMaps) {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let maps = SourceMaps::find(&[dir.path().to_owned()]);
        (dir, maps)
    }

    async fn original(maps: &SourceMaps, bundle: &str, line: u32) -> Looked<Option<Original>> {
        maps.original(bundle, Position { line, column: Some(900) }).await
    }

    #[tokio::test]
    async fn a_place_in_a_bundle_leads_to_its_source_line() {
        let (_dir, maps) = maps(&[("assets/index-3f2a9c81.js.map", MAP), ("assets/index-3f2a9c81.js", "x")]);
        let place = original(&maps, "https://shop.example/assets/index-3f2a9c81.js?v=1", 1).await;
        let place = place.saw().cloned().flatten().unwrap();
        assert_eq!((place.source.as_str(), place.line, place.column), ("../../src/cart.ts", 3, 3));
        assert_eq!((place.name.as_deref(), place.text.as_deref()), (Some("add"), Some("  items.push(x);")));
        assert_eq!(
            original(&maps, "https://shop.example/assets/index-3f2a9c81.js", 2).await,
            Looked::Saw(None)
        );
        assert_eq!(original(&maps, "/assets/other.js", 1).await, Looked::Saw(None));
    }

    #[tokio::test]
    async fn of_maps_with_one_name_the_folders_decide_and_a_tie_decides_nothing() {
        let (_dir, maps) = maps(&[("a/main.js.map", MAP), ("b/main.js.map", "{}")]);
        assert!(original(&maps, "https://x/a/main.js", 1).await.saw().unwrap().is_some());
        assert_eq!(original(&maps, "https://x/main.js", 1).await, Looked::Saw(None));
        assert_eq!(original(&maps, "../../etc/passwd", 1).await, Looked::Saw(None));
    }

    #[tokio::test]
    async fn a_file_that_is_no_map_is_said_to_be_none() {
        let (_dir, maps) = maps(&[("main.js.map", "no map")]);
        assert!(original(&maps, "main.js", 1).await.cause().is_some());
    }
}
