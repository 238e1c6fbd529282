//! The JSON of events as it is stored: packed, most of it against a dictionary of what the events of a project share.
//!
//! ```text
//! an event without a dictionary:  a zstd frame, which begins with its magic number
//! an event with one:              key of the dictionary, 4 bytes | a zstd frame
//! ```
//! A dictionary is in the database for good before it is used, and never changes. What it holds and when it is made:
//! `ingest::dictionary`.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sqlx::{SqliteConnection, SqlitePool};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{CParameter, DictAttachPref};

use super::events::as_json;

/// Events are small and many: a fast level already takes away most.
const COMPRESSION: i32 = 1;

/// With a dictionary an even faster one does.
const WITH_DICTIONARY: i32 = -3;

/// Bytes that have to be the same to be worth a reference. What an event shares with a dictionary is long.
const SHORTEST_SHARED: u32 = 6;

/// No stored payload is larger than this once unpacked; ingest refuses events long before.
const LARGEST_PAYLOAD: usize = 16 << 20;

/// The first bytes of a zstd frame. No dictionary has this key.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// Packs without a dictionary.
static PLAIN: Packer = Packer::new(COMPRESSION, Vec::new());

/// What the JSON of events of one project is packed against.
#[derive(Debug)]
pub struct Dictionary {
    key: [u8; 4],
    packer: Packer,
}

/// Packs at one level against one text. Its compressors are used again and again: making one takes longer than
/// compressing an event.
struct Packer {
    level: i32,
    against: Vec<u8>,
    idle: Mutex<Vec<Compressor<'static>>>,
}

/// The dictionaries of a store. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Dictionaries(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    all: HashMap<[u8; 4], Arc<Dictionary>>,
    /// By row id of their project, the oldest first.
    of_projects: HashMap<i64, Vec<Arc<Dictionary>>>,
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { level, against, .. } = self;
        f.debug_struct("Packer").field("level", level).field("bytes", &against.len()).finish_non_exhaustive()
    }
}

impl Dictionary {
    fn new(key: [u8; 4], content: Vec<u8>) -> Self {
        Self { key, packer: Packer::new(WITH_DICTIONARY, content) }
    }
}

impl Packer {
    const fn new(level: i32, against: Vec<u8>) -> Self {
        Self { level, against, idle: Mutex::new(Vec::new()) }
    }

    fn compress(&self, json: &[u8]) -> io::Result<Vec<u8>> {
        // Nothing under this lock can leave the list half changed, so a poisoned lock is still good.
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let mut compressor = match waiting {
            Some(compressor) => compressor,
            None => self.compressor()?,
        };
        let frame = compressor.compress(json)?;
        idle().push(compressor);
        Ok(frame)
    }

    fn compressor(&self) -> io::Result<Compressor<'static>> {
        let mut compressor = Compressor::with_dictionary(self.level, &self.against)?;
        if !self.against.is_empty() {
            // Its tables are looked into where they are. To copy them, as is usual for inputs of this size, takes as
            // long as half of the rest.
            compressor.set_parameter(CParameter::ForceAttachDict(DictAttachPref::ForceAttach))?;
            compressor.set_parameter(CParameter::MinMatch(SHORTEST_SHARED))?;
        }
        Ok(compressor)
    }
}

impl Dictionaries {
    /// Reads all of a store.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn load(pool: &SqlitePool) -> Result<Self, sqlx::Error> {
        let rows: Vec<(i64, i64, Vec<u8>)> =
            sqlx::query_as("SELECT id, project_id, content FROM payload_dictionary ORDER BY id")
                .fetch_all(pool)
                .await?;
        let all = Self::default();
        for (id, project, content) in rows {
            all.add(project, Dictionary::new(key_of(id)?, content));
        }
        Ok(all)
    }

    /// The one that new events of a project are packed with.
    pub fn newest(&self, project: i64) -> Option<Arc<Dictionary>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.of_projects.get(&project)?.last().cloned()
    }

    /// How many a project has.
    pub fn count(&self, project: i64) -> usize {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.of_projects.get(&project).map_or(0, Vec::len)
    }

    /// Stores a dictionary and uses it from then on. The connection has to be one whose commits wait for the disk.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn insert(
        &self,
        connection: &mut SqliteConnection,
        project: i64,
        content: Vec<u8>,
    ) -> Result<(), sqlx::Error> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO payload_dictionary (project_id, content) VALUES ($1, $2) RETURNING id",
        )
        .bind(project)
        .bind(&content)
        .fetch_one(connection)
        .await?;
        self.add(project, Dictionary::new(key_of(id)?, content));
        Ok(())
    }

    /// The JSON of an event as it is stored in `event.payload`.
    ///
    /// # Errors
    /// When the bytes are not what [`encode`] wrote, or their dictionary is not there.
    pub fn decode(&self, stored: &[u8]) -> io::Result<Vec<u8>> {
        let dictionary = stored.first_chunk().and_then(|key| {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            known.all.get(key).cloned()
        });
        decode(stored, dictionary.as_ref().map(|dictionary| &dictionary.packer.against[..]))
    }

    fn add(&self, project: i64, dictionary: Dictionary) {
        let dictionary = Arc::new(dictionary);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.all.insert(dictionary.key, Arc::clone(&dictionary));
        known.of_projects.entry(project).or_default().push(dictionary);
    }
}

/// The contents of the dictionaries that these stored payloads name, by key.
///
/// # Errors
/// When the database refuses.
pub async fn dictionaries_of<'p>(
    pool: &SqlitePool,
    stored: impl Iterator<Item = &'p [u8]>,
) -> Result<HashMap<[u8; 4], Vec<u8>>, sqlx::Error> {
    let keys: HashSet<[u8; 4]> = stored.filter_map(|stored| stored.first_chunk().copied()).collect();
    let ids: Vec<u32> = keys.into_iter().filter(|key| *key != MAGIC).map(u32::from_be_bytes).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT id, content FROM payload_dictionary WHERE id IN (SELECT value FROM json_each($1))",
    )
    .bind(as_json(&ids))
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|(id, content)| Ok((key_of(id)?, content))).collect()
}

/// The first bytes of what is packed with the dictionary of this row.
fn key_of(id: i64) -> Result<[u8; 4], sqlx::Error> {
    let id = u32::try_from(id).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(id.to_be_bytes())
}

/// The canonical JSON of an event (see `ingest::normalize`) as it is stored in `event.payload`.
///
/// # Errors
/// When the compressor fails, which only a lack of memory makes it do.
pub fn encode(json: &[u8], dictionary: Option<&Dictionary>) -> io::Result<Vec<u8>> {
    match dictionary {
        Some(Dictionary { key, packer }) => Ok([&key[..], &packer.compress(json)?].concat()),
        None => PLAIN.compress(json),
    }
}

/// The JSON of an event from `event.payload` and the content of the dictionary that its key names, if it names one.
///
/// # Errors
/// When the bytes are not what [`encode`] wrote, or the dictionary is missing.
pub fn decode(stored: &[u8], dictionary: Option<&[u8]>) -> io::Result<Vec<u8>> {
    if stored.starts_with(&MAGIC) {
        return zstd::bulk::decompress(stored, LARGEST_PAYLOAD);
    }
    let missing = || io::Error::new(io::ErrorKind::InvalidData, "the dictionary of an event is missing");
    let (frame, dictionary) = stored.get(MAGIC.len()..).zip(dictionary).ok_or_else(missing)?;
    Decompressor::with_dictionary(dictionary)?.decompress(frame, LARGEST_PAYLOAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(number: usize) -> Vec<u8> {
        format!(r#"{{"number":{number},"lines":["def charge(order):","    return order.total"]}}"#)
            .into_bytes()
    }

    #[test]
    fn a_payload_reads_back_with_and_without_a_dictionary() {
        let dictionary = Dictionary::new(7_u32.to_be_bytes(), json(1));
        let plain = encode(&json(2), None).unwrap();
        let packed = encode(&json(2), Some(&dictionary)).unwrap();
        assert_eq!(decode(&plain, None).unwrap(), json(2));
        assert_eq!(decode(&packed, Some(&json(1))).unwrap(), json(2));
        assert!(packed.len() < plain.len() / 2, "{} of {}", packed.len(), plain.len());
    }

    #[test]
    fn payloads_of_any_size_read_back_from_the_same_dictionary() {
        let content: Vec<u8> = (0..500).flat_map(json).collect();
        let dictionary = Dictionary::new(7_u32.to_be_bytes(), content.clone());
        for size in [1 << 20, 0, 200 << 10, 1 << 10, 64 << 10, 1, 9 << 10] {
            let sent: Vec<u8> = (300..).flat_map(json).take(size).collect();
            let packed = encode(&sent, Some(&dictionary)).unwrap();
            assert!(decode(&packed, Some(&content)).unwrap() == sent, "{size} bytes");
        }
    }

    #[test]
    fn foreign_bytes_and_a_missing_dictionary_are_errors() {
        let dictionary = Dictionary::new(7_u32.to_be_bytes(), json(1));
        let packed = encode(&json(2), Some(&dictionary)).unwrap();
        assert!(decode(&packed, None).is_err());
        assert!(decode(b"not zstd", None).is_err());
        assert!(decode(b"not zstd", Some(&json(1))).is_err());
        assert!(decode(b"", Some(&json(1))).is_err());
        assert!(Dictionaries::default().decode(&packed).is_err());
    }

    #[test]
    fn a_project_uses_its_newest_dictionary_and_reads_with_every_one() {
        let all = Dictionaries::default();
        assert!(all.newest(1).is_none());
        all.add(1, Dictionary::new(key_of(1).unwrap(), json(1)));
        let first = encode(&json(3), all.newest(1).as_deref()).unwrap();
        all.add(1, Dictionary::new(key_of(2).unwrap(), json(2)));
        let second = encode(&json(3), all.newest(1).as_deref()).unwrap();
        assert_ne!(first[..4], second[..4]);
        assert_eq!(all.decode(&first).unwrap(), json(3));
        assert_eq!(all.decode(&second).unwrap(), json(3));
        assert_eq!((all.count(1), all.count(2)), (2, 0));
    }
}
