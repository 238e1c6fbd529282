//! Folders from anybody.

use super::*;

/// The files with one of them changed, and a manifest that says so.
fn forged(files: &Files, name: &str, change: impl Fn(&str) -> String) -> Files {
    let mut files = files.clone();
    for (file, text) in &mut files {
        if *file == name {
            *text = change(text);
        }
    }
    if name != MANIFEST {
        let digests: BTreeMap<&str, (usize, String)> = files
            .iter()
            .map(|(file, text)| (*file, (text.len(), digest::of_bytes(text.as_bytes()).to_string())))
            .collect();
        let manifest = files.iter().find(|(file, _)| *file == MANIFEST).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&manifest.1).unwrap();
        for listed in json["files"].as_array_mut().unwrap() {
            let (bytes, digest) = &digests[listed["file"].as_str().unwrap()];
            listed["bytes"] = serde_json::json!(bytes);
            listed["sha256"] = serde_json::json!(digest);
        }
        let json = json.to_string();
        files.iter_mut().filter(|(file, _)| *file == MANIFEST).for_each(|(_, text)| text.clone_from(&json));
    }
    files
}

#[test]
fn what_was_not_recorded_is_refused_in_one_line() {
    let good = files(&recorded(&handled(), gathered()));
    let refused = |files: Files| {
        let why = read(&files).unwrap_err().to_string();
        assert!(!why.contains('\n') && why.chars().count() < 300, "{why}");
        why
    };
    let replaced = |from: &'static str, to: &'static str| {
        move |text: &str| {
            assert!(text.contains(from), "{from} in {text}");
            text.replacen(from, to, 1)
        }
    };
    let manifest = |from, to| refused(forged(&good, MANIFEST, replaced(from, to)));
    assert!(manifest("\"version\": 1", "\"version\": 2").contains("version 2 of the form"));
    assert!(manifest("\"log.jsonl\"", "\"../../etc/passwd\"").contains("names `../../etc/passwd`"));
    assert!(manifest("\"log.jsonl\"", "\"a\\u001b[2J\\nb\"").contains("names `a\\u{1b}[2J b`"));
    assert!(manifest("\"log.jsonl\"", "\"rules.json\"").contains("does not name log.jsonl once"));
    assert!(manifest("\"number\": 7", "\"number\": 8").contains("the log cannot have been recorded"));
    assert!(manifest("{", "[").contains("manifest.json is not what a recording holds"));

    // Changed, with and without a manifest that says so.
    let mut changed = good.clone();
    changed[0].1 = changed[0].1.replacen("checkout", "checkin", 1);
    assert!(refused(changed).contains("log.jsonl was changed since it was recorded"));
    let log = |change: &dyn Fn(&str) -> String| refused(forged(&good, "log.jsonl", change));
    assert!(log(&replaced("checkout", "checkin")).contains("entry 1 is not what was written"));
    let without = |text: &str| {
        text.lines().filter(|line| !line.contains("\"sequence\":4,")).collect::<Vec<_>>().join("\n")
    };
    assert!(log(&without).contains("is not what was written"));
    let cut = |text: &str| text.lines().take(5).collect::<Vec<_>>().join("\n");
    assert!(log(&cut).contains("log.jsonl was changed"));
    assert!(log(&|_| String::new()).contains("it has no entry"));
    let long = |text: &str| text.lines().next().unwrap().to_owned().add_lines(6000);
    assert!(log(&long).contains("log.jsonl holds more than is played: entries"));
    let deep = |_: &str| "[".repeat(100_000);
    assert!(refused(forged(&good, "investigation.json", deep)).contains("investigation.json is not"));
    assert!(refused(forged(&good, "rules.json", |_| "{}".to_owned())).contains("rules.json is not"));
    let hours = |text: &str| text.replacen("\"hours\":[", &format!("\"hours\":[{}", "1,".repeat(2000)), 1);
    assert!(refused(forged(&good, "series.jsonl", hours)).contains("more than is played: hours"));
    let twice = |text: &str| format!("{text}{text}");
    assert!(refused(forged(&good, "series.jsonl", twice)).contains("a project twice"));
}

trait AddLines {
    fn add_lines(self, times: usize) -> String;
}

impl AddLines for String {
    fn add_lines(mut self, times: usize) -> String {
        self.push('\n');
        self.repeat(times)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_folder_from_anybody_is_refused_or_played_and_nothing_else(
        file in 0..6_usize, place in 0..20_000_usize, with in "[0-9]{1,18}|-[0-9]{1,18}|null|\"\\PC{0,8}\"|true|\\{\\}",
    ) {
        let good = files(&recorded(&handled(), gathered()));
        let name = Part::ALL[file].file();
        let change = |text: &str| {
            // Some number of the file becomes something else.
            let numbers: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
            let Some(at) = numbers.get(place % numbers.len().max(1)) else { return text.to_owned() };
            format!("{}{with}{}", &text[..*at], &text[at + 1..])
        };
        if let Ok(recording) = read(&forged(&good, name, change)) {
            prop_assert!(!told(&recording).is_empty());
        }
    }
}
