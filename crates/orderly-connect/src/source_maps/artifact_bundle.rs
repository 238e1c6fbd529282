//! Artifact bundles: zip files in which `sentry-cli sourcemaps upload` and build plugins pack bundles and their maps, with
//! a `manifest.json` that says what is what.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Longest manifest that is read, in bytes.
const LONGEST_MANIFEST: u64 = 16 * 1024 * 1024;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    files: BTreeMap<String, Packed>,
}

#[derive(Deserialize)]
struct Packed {
    #[serde(default)]
    url: String,
    #[serde(default, rename = "type")]
    kind: String,
}

/// The source maps of a bundle: the name of each in the archive, and the address that it stands for (`~/assets/index.js.map`).
/// A file that is no artifact bundle has none.
pub(super) fn maps(archive: &Path) -> Vec<(String, String)> {
    let manifest = read(archive, "manifest.json", LONGEST_MANIFEST);
    let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
    let files = manifest.map(|manifest| manifest.files).unwrap_or_default();
    files
        .into_iter()
        .filter(|(_, file)| file.kind == "source_map")
        .map(|(name, file)| (name, file.url))
        .collect()
}

/// A file of an archive, when it is there and no longer than `longest` once it is unpacked.
pub(super) fn read(archive: &Path, name: &str, longest: u64) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(archive).ok()?)).ok()?;
    let file = archive.by_name(name).ok()?;
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes).ok()?;
    u64::try_from(bytes.len()).is_ok_and(|length| length <= longest).then_some(bytes)
}
