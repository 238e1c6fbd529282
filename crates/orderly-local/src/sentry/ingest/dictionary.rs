//! What the stored events of a project are packed against, and when it is made. Events of a project are alike: the same
//! source, the same modules. What is personal in them is not: a dictionary outlives the events that it was made of, so
//! it holds source code, and of the rest what several different errors say in the same words. Pure.

use std::collections::{HashMap, HashSet};

use crate::sentry::tree::{Object, Tree};

/// Events of a project before its first dictionary is made; each following one is made after sixteen times as many, so
/// that there are few, and the first, made of little, is soon replaced.
const FIRST: u64 = 64;
const TIMES: u64 = 16;

/// Events with different grouping hashes that a dictionary is made of.
const SAMPLES: usize = 6;

/// Further events that are looked at until there are so many different ones.
const PATIENCE: u64 = 512;

/// What so many of the samples say under the same key, nobody alone said.
const SHARED: usize = 3;

/// Bytes of a dictionary.
const LARGEST: usize = 48 << 10;

/// Keys of texts that are parts of a program.
const CODE: [&str; 12] = [
    "abs_path",
    "colno",
    "context_line",
    "filename",
    "function",
    "in_app",
    "lineno",
    "module",
    "platform",
    "post_context",
    "pre_context",
    "type",
];

/// Which events the next dictionaries are made of, by row id of their project.
#[derive(Debug, Default)]
pub(super) struct Samples {
    projects: HashMap<i64, Project>,
}

#[derive(Debug, Default)]
struct Project {
    seen: u64,
    /// Dictionaries that it has or that were asked for.
    made: u32,
    hashes: HashSet<String>,
    payloads: Vec<Vec<u8>>,
}

impl Samples {
    /// Looks at an event of a project, which has so many dictionaries when its first one is looked at. Gives the stored payloads that the next one is to
    /// be made of when it is time.
    pub(super) fn look(
        &mut self,
        project: i64,
        dictionaries: impl FnOnce() -> usize,
        app_hash: &str,
        payload: &[u8],
    ) -> Option<Vec<Vec<u8>>> {
        let known = self.projects.entry(project).or_insert_with(|| Project {
            made: u32::try_from(dictionaries()).unwrap_or(u32::MAX),
            ..Project::default()
        });
        known.seen += 1;
        let due = TIMES.saturating_pow(known.made).saturating_mul(FIRST);
        if known.seen < due {
            return None;
        }
        if known.hashes.insert(app_hash.to_owned()) {
            known.payloads.push(payload.to_owned());
        }
        if known.payloads.len() < SAMPLES && known.seen < due + PATIENCE {
            return None;
        }
        known.made = known.made.saturating_add(1);
        known.hashes.clear();
        Some(std::mem::take(&mut known.payloads))
    }
}

/// The content of a dictionary that is made of these events. Nothing when they have nothing that may be kept.
pub(super) fn content(events: &[Vec<u8>]) -> Vec<u8> {
    let events: Vec<Object<'_>> =
        events.iter().filter_map(|json| serde_json::from_slice(json).ok()).collect();
    let mut said: HashMap<(String, String), usize> = HashMap::new();
    for event in &events {
        let mut by_this_event = HashSet::new();
        let _ = kept(event.clone(), &mut |key, text| {
            by_this_event.insert((key.to_owned(), text.to_owned()));
            true
        });
        for pair in by_this_event {
            *said.entry(pair).or_default() += 1;
        }
    }
    let mut content = Vec::new();
    for event in events {
        let kept = kept(event, &mut |key, text| {
            CODE.contains(&key) || said.get(&(key.to_owned(), text.to_owned())).is_some_and(|n| *n >= SHARED)
        });
        let json = serde_json::to_vec(&kept).unwrap_or_default();
        if content.len() + json.len() <= LARGEST {
            content.extend(json);
        }
    }
    content
}

/// An object without the members and elements that are not wanted, by their key (elements have the one of their list)
/// and their JSON.
fn kept<'j>(object: Object<'j>, wanted: &mut impl FnMut(&str, &str) -> bool) -> Object<'j> {
    let members = object.into_members().filter_map(|(key, value)| {
        let value = kept_value(&key, value, wanted)?;
        Some((key, value))
    });
    members.collect()
}

fn kept_value<'j>(
    key: &str,
    value: Tree<'j>,
    wanted: &mut impl FnMut(&str, &str) -> bool,
) -> Option<Tree<'j>> {
    match value.opened() {
        Tree::Object(object) => Some(Tree::Object(kept(object, wanted))),
        Tree::List(elements) => {
            let elements = elements.into_iter().filter_map(|element| kept_value(key, element, wanted));
            Some(Tree::List(elements.collect()))
        }
        other => {
            let json = serde_json::to_string(&other).ok()?;
            wanted(key, &json).then_some(other)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(number: usize) -> Vec<u8> {
        let event = json!({
            "event_id": format!("{number:032}"),
            "user": {"email": format!("person{number}@example.com")},
            "modules": {"django": "5.1"},
            "exception": {"values": [{"type": "KeyError", "value": format!("order {number}"), "stacktrace": {"frames": [
                {"function": "charge", "context_line": "    total = prices[order]",
                 "vars": {"order": format!("'{number}'"), "currency": "'EUR'"}},
            ]}}]},
            "breadcrumbs": {"values": [{"message": format!("GET /orders/{number}")}]},
        });
        serde_json::to_vec(&event).unwrap()
    }

    #[test]
    fn source_is_kept_and_what_several_errors_share_but_nothing_of_one_alone() {
        let content = String::from_utf8(content(&[event(1), event(2), event(3)])).unwrap();
        for expected in ["total = prices[order]", "charge", "KeyError", "'EUR'", "django", "5.1"] {
            assert!(content.contains(expected), "{expected}: {content}");
        }
        for personal in ["person", "order 1", "order 2", "'1'", "GET /orders", "0000"] {
            assert!(!content.contains(personal), "{personal}: {content}");
        }
    }

    #[test]
    fn of_two_errors_only_the_source_is_kept() {
        let content = String::from_utf8(content(&[event(1), event(2)])).unwrap();
        assert!(content.contains("total = prices[order]"));
        assert!(!content.contains("EUR") && !content.contains("5.1"), "{content}");
    }

    #[test]
    fn what_is_no_json_and_what_would_be_too_much_is_left_out() {
        let large = json!({"function": "f".repeat(LARGEST)});
        assert!(content(&[b"{".to_vec(), serde_json::to_vec(&large).unwrap()]).is_empty());
    }

    #[test]
    fn a_dictionary_is_made_of_different_errors_after_sixteen_times_as_many_events_as_the_one_before() {
        let mut samples = Samples::default();
        let mut made = Vec::new();
        for number in 1..=20_000_u64 {
            let hash = (number % 10).to_string();
            // One that could not be stored is not made at once again.
            if let Some(payloads) = samples.look(1, || 0, &hash, hash.as_bytes()) {
                assert_eq!(payloads.iter().collect::<HashSet<_>>().len(), SAMPLES);
                made.push(number);
            }
        }
        assert_eq!(made, [69, 1_029, 16_389]);
    }

    #[test]
    fn a_project_with_one_error_does_not_wait_for_others_for_ever() {
        let mut samples = Samples::default();
        let made = (1..=1_000).find_map(|number| Some((number, samples.look(1, || 0, "only", b"{}")?)));
        assert_eq!(made, Some((576, vec![b"{}".to_vec()])));
        assert!(
            (1..1_000).all(|_| samples.look(2, || 1, "only", b"{}").is_none()),
            "it has one of an earlier run"
        );
    }

    #[test]
    fn what_is_left_reads_as_json() {
        let content = content(&[event(1), event(2), event(3)]);
        let read: Vec<Value> =
            serde_json::Deserializer::from_slice(&content).into_iter().map(Result::unwrap).collect();
        assert_eq!(read.len(), 3);
    }
}
