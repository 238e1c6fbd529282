//! Source maps on this machine: of a build folder, or of an artifact bundle (a zip file).
//!
//! A map is only ever opened by a path that a walk over the given folders found, never by a name from an event; in a zip
//! file, by a name of its own list, and nothing is unpacked to the disk.

mod artifact_bundle;

use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::Position;
use orderly_core::source::Original;
use orderly_engine::ports::maps::MapRead;
use sourcemap::DecodedMap;
use std::collections::BTreeMap;
use std::fmt;
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
    /// The maps by the name of their bundle.
    maps: BTreeMap<String, Vec<Place>>,
    /// Maps that were read; `None` for those that are none.
    read: Mutex<BTreeMap<Place, Option<Arc<DecodedMap>>>>,
}

/// Where a map is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A file.
    File(PathBuf),
    /// A file in an artifact bundle.
    Packed {
        /// The bundle.
        archive: PathBuf,
        /// Its name in there.
        name: String,
        /// The address it stands for: `~/assets/index.js.map`.
        url: String,
    },
}

impl Place {
    /// The bundle that it is the map of, as a path with `/`. `None` for a file that is no map by its name.
    fn bundle(&self) -> Option<&str> {
        let path = match self {
            Self::File(path) => path.to_str()?,
            Self::Packed { url, .. } => url,
        };
        path.strip_suffix(".map")
    }

    fn read(&self) -> Option<Vec<u8>> {
        match self {
            Self::File(path) => {
                let small = std::fs::metadata(path).is_ok_and(|about| about.len() <= LONGEST);
                small.then(|| std::fs::read(path).ok()).flatten()
            }
            Self::Packed { archive, name, .. } => artifact_bundle::read(archive, name, LONGEST),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Packed { archive, url, .. } => write!(f, "{url} in {}", archive.display()),
        }
    }
}

impl SourceMaps {
    /// Finds the maps below `places`: folders, maps and artifact bundles. What cannot be listed holds none.
    pub fn find(places: &[PathBuf]) -> Self {
        let mut found = Vec::new();
        let mut left = MOST;
        for place in places {
            if place.is_file() {
                add(place.clone(), &mut found);
            } else {
                walk(place, DEEPEST, &mut left, &mut |path| add(path, &mut found));
            }
        }
        found.sort();
        found.dedup();
        let mut maps: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for place in found {
            if let Some(name) = place.bundle().and_then(|bundle| bundle.rsplit('/').next()) {
                maps.entry(name.to_owned()).or_default().push(place);
            }
        }
        Self { maps, read: Mutex::default() }
    }

    /// The map of a bundle: of several with its name, the one of the build, else the one whose folders agree most.
    fn map_of(&self, bundle: &str, build: Option<&str>) -> Option<&Place> {
        let bundle = bundle.split(['?', '#']).next().unwrap_or(bundle).replace('\\', "/");
        let places = self.maps.get(bundle.rsplit('/').next()?)?;
        if let (Some(build), [_, _, ..]) = (build, places.as_slice())
            && let Some(same) = places
                .iter()
                .find(|place| self.decoded(place).and_then(|map| build_of(&map)).as_deref() == Some(build))
        {
            return Some(same);
        }
        let agreement = |place: &Place| {
            let known = place.bundle().unwrap_or_default();
            std::iter::zip(known.rsplit('/'), bundle.rsplit('/')).take_while(|(a, b)| a == b).count()
        };
        let most = places.iter().map(agreement).max()?;
        let mut best = places.iter().filter(|place| agreement(place) == most);
        match (best.next(), best.next()) {
            (Some(only), None) => Some(only),
            // Two builds have the same name there: either may be the one that crashed.
            _ => None,
        }
    }

    fn decoded(&self, place: &Place) -> Option<Arc<DecodedMap>> {
        let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = read.get(place) {
            return known.clone();
        }
        let map = place.read().and_then(|bytes| sourcemap::decode_slice(&bytes).ok()).map(Arc::new);
        read.insert(place.clone(), map.clone());
        map
    }
}

/// A map, or those of an artifact bundle.
fn add(path: PathBuf, found: &mut Vec<Place>) {
    if path.extension().is_some_and(|extension| extension == "zip") {
        let packed = artifact_bundle::maps(&path).into_iter();
        found.extend(packed.map(|(name, url)| Place::Packed { archive: path.clone(), name, url }));
    } else if path.extension().is_some_and(|extension| extension == "map") {
        found.push(Place::File(path));
    }
}

#[async_trait]
impl MapRead for SourceMaps {
    async fn original(&self, bundle: &str, build: Option<&str>, at: Position) -> Looked<Option<Original>> {
        // What is no id at all names no build.
        let build = build.and_then(|id| uuid::Uuid::parse_str(id).ok()).map(|id| id.to_string());
        let Some(place) = self.map_of(bundle, build.as_deref()) else { return Looked::Saw(None) };
        let Some(map) = self.decoded(place) else {
            let what = format!("{place} is no source map, or a longer one than is read");
            return Looked::CouldNotLook(Cause::NoInput(what));
        };
        if let (Some(crashed), Some(found)) = (build, build_of(&map))
            && crashed != found
        {
            let what = format!(
                "{place} is of another build: its debug id is {found}, the event's bundle has {crashed}"
            );
            return Looked::CouldNotLook(Cause::NoInput(what));
        }
        Looked::Saw(lookup(&map, at))
    }
}

/// The debug id of a map, where its bundler wrote one.
fn build_of(map: &DecodedMap) -> Option<String> {
    map.debug_id().map(|id| id.uuid().to_string())
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
        maps.original(bundle, None, Position { line, column: Some(900) }).await
    }

    #[tokio::test]
    async fn a_map_of_another_build_is_refused_and_says_so() {
        let of_build = |id: &str| MAP.replacen('{', &format!(r#"{{"debugId":"{id}","#), 1);
        let (old, new) = ("11111111-2222-4333-8444-555555555555", "AAAAAAAABBBB4CCC8DDDEEEEEEEEEEEE");
        let at = Position { line: 1, column: Some(900) };
        let (_dir, only) = maps(&[("main.js.map", &of_build(old)), ("bare.js.map", MAP)]);
        let refused = only.original("https://x/main.js", Some(new), at).await;
        let said = refused.cause().unwrap().to_string();
        assert!(
            said.contains("another build") && said.contains(old) && said.contains("aaaaaaaa-bbbb-4ccc"),
            "{said}"
        );
        for build in [None, Some(old), Some("no id")] {
            assert!(
                only.original("https://x/main.js", build, at).await.saw().unwrap().is_some(),
                "{build:?}"
            );
        }
        assert!(only.original("https://x/bare.js", Some(new), at).await.saw().unwrap().is_some());
        let (_dir, both) = maps(&[("a/main.js.map", &of_build(old)), ("b/main.js.map", &of_build(new))]);
        assert!(both.original("https://x/a/main.js", Some(new), at).await.saw().unwrap().is_some());
        assert!(both.original("https://x/a/main.js", Some(old), at).await.saw().unwrap().is_some());
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

    /// What `sentry-cli sourcemaps upload` packs.
    fn artifact_bundle(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(dir.path().join("bundle.zip")).unwrap();
        let mut zip = zip::ZipWriter::new(file);
        for (name, text) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        dir
    }

    #[tokio::test]
    async fn an_artifact_bundle_is_read_where_it_lies() {
        let manifest = r#"{"org": "acme", "release": "shop@1", "files": {
            "files/_/_/assets/index.js": {"url": "~/assets/index.js", "type": "minified_source"},
            "files/_/_/assets/index.js.map": {"url": "~/assets/index.js.map", "type": "source_map"},
            "../../outside.js.map": {"url": "~/outside.js.map", "type": "source_map"}}}"#;
        let dir = artifact_bundle(&[
            ("manifest.json", manifest),
            ("files/_/_/assets/index.js", "x"),
            ("files/_/_/assets/index.js.map", MAP),
        ]);
        for place in [dir.path().to_owned(), dir.path().join("bundle.zip")] {
            let maps = SourceMaps::find(&[place]);
            let place = original(&maps, "https://shop.example/assets/index.js", 1).await;
            assert_eq!(place.saw().cloned().flatten().unwrap().line, 3);
            let missing = original(&maps, "https://shop.example/outside.js", 1).await;
            assert!(missing.cause().unwrap().to_string().contains("~/outside.js.map in "), "{missing:?}");
        }
        let dir = artifact_bundle(&[("manifest.json", "no manifest"), ("index.js.map", MAP)]);
        let maps = SourceMaps::find(&[dir.path().to_owned()]);
        assert_eq!(original(&maps, "index.js", 1).await, Looked::Saw(None));
    }

    #[tokio::test]
    async fn a_file_that_is_no_map_is_said_to_be_none() {
        let (_dir, maps) = maps(&[("main.js.map", "no map")]);
        assert!(original(&maps, "main.js", 1).await.cause().is_some());
    }
}
