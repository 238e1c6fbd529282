//! Frames of many platforms, as their SDKs send them, against small repositories.

use crate::diagnose::{Frame, FrameOrigin, Position, SourceLine};
use crate::normal::platform::Platform;
use crate::source::{
    CodeMapping, Manifests, Mapped, Miss, Original, RepoPath, Traced, TrackedFiles, look_up, settle,
};
use crate::untrusted::Untrusted;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Repository {
    name: String,
    platform: String,
    files: Vec<String>,
    texts: BTreeMap<String, String>,
    #[serde(default)]
    mappings: Vec<CodeMapping>,
    frames: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    function: String,
    module: Option<String>,
    package: Option<String>,
    filename: Option<String>,
    abs_path: Option<String>,
    lineno: Option<u32>,
    colno: Option<u32>,
    context_line: Option<String>,
    #[serde(default = "yes")]
    in_app: bool,
    original: Option<From>,
    /// `path:line`, or the reason of a miss.
    at: String,
}

#[derive(Deserialize)]
struct From {
    source: String,
    line: u32,
    text: Option<String>,
}

const fn yes() -> bool {
    true
}

impl Row {
    fn frame(&self) -> Frame {
        let text = |text: &Option<String>| text.clone().map(Untrusted::new);
        let context = self.context_line.iter().zip(self.lineno);
        Frame {
            function: Untrusted::new(self.function.clone()),
            raw_function: None,
            module: text(&self.module),
            package: text(&self.package),
            file: text(&self.filename),
            abs_path: text(&self.abs_path),
            position: self.lineno.map(|line| Position { line, column: self.colno }),
            origin: if self.in_app { FrameOrigin::InApp } else { FrameOrigin::Library },
            platform: None,
            context: context
                .map(|(text, line)| SourceLine { line, text: Untrusted::from(text.as_str()) })
                .collect(),
        }
    }

    fn original(&self) -> Option<Original> {
        let from = self.original.as_ref()?;
        let (source, text) = (from.source.clone(), from.text.clone());
        Some(Original { source, line: from.line, column: 1, name: None, text })
    }
}

impl Repository {
    /// What became of each frame, as the table spells it.
    fn mapped(&self) -> Vec<String> {
        let files = TrackedFiles::of(self.files.iter().map(String::as_str));
        let texts: BTreeMap<RepoPath, String> = self
            .texts
            .iter()
            .map(|(path, text)| {
                (files.tracked(path).expect("the table tracks what it has texts of"), text.clone())
            })
            .collect();
        let manifests = Manifests::read(
            Manifests::wanted(&files).iter().filter_map(|path| Some((path, texts.get(path)?.as_str()))),
        );
        let platform = Platform::of(&self.platform);
        let frames: Vec<(Frame, Option<Original>)> =
            self.frames.iter().map(|row| (row.frame(), row.original())).collect();
        let traced: Vec<Traced<'_>> = frames
            .iter()
            .map(|(frame, original)| Traced { frame, platform, original: original.as_ref() })
            .collect();
        let looked = look_up(&traced, &files, &manifests, &self.mappings);
        std::iter::zip(&traced, &looked).map(|(traced, look)| shown(&settle(traced, look, &texts))).collect()
    }
}

fn shown(mapped: &Mapped) -> String {
    match mapped {
        Mapped::Found(at) => format!("{}:{}", at.path, at.line.map_or("?".into(), |line| line.to_string())),
        Mapped::Missed(miss) => match miss {
            Miss::Nameless => "nameless",
            Miss::Generated { .. } => "generated",
            Miss::Outside { .. } => "outside",
            Miss::Minified { .. } => "minified",
            Miss::Obfuscated => "obfuscated",
            Miss::Untracked { .. } => "untracked",
            Miss::Doubtful { .. } => "doubtful",
            Miss::Ambiguous { .. } => "ambiguous",
        }
        .to_owned(),
    }
}

fn repositories() -> Vec<Repository> {
    serde_json::from_str(include_str!("frames.json")).unwrap()
}

#[test]
fn every_frame_of_the_set_goes_where_it_belongs_or_says_why_not() {
    let mut wrong = Vec::new();
    for repository in repositories() {
        for (row, got) in std::iter::zip(&repository.frames, repository.mapped()) {
            if row.at != got {
                wrong.push(format!(
                    "{}: {} {:?}: {got}, not {}",
                    repository.name, row.function, row.filename, row.at
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn at_least_95_of_100_frames_of_own_code_are_mapped_to_file_and_line() {
    let (mut own, mut mapped) = (0, 0);
    for repository in repositories() {
        for (row, got) in std::iter::zip(&repository.frames, repository.mapped()) {
            own += usize::from(row.in_app);
            mapped += usize::from(
                row.in_app && got.rsplit(':').next().is_some_and(|line| line.parse::<u32>().is_ok()),
            );
        }
    }
    assert!(own >= 100, "{own} frames are too few to say anything");
    assert!(mapped * 100 >= own * 95, "{mapped} of {own}");
}
