//! Of the files that fit a frame by name, the one whose text agrees with it, and the line there.

use super::Traced;
use super::files::RepoPath;
use super::function::{bare_names, definitions, enclosing};
use super::located::{Agreement, Located, Mapped, Miss};
use super::look_up::{Candidate, Candidates, Cut, Fit, LookUp};
use super::spell::LineWorth;
use std::collections::BTreeMap;

/// Most files that an ambiguous name is answered with.
const MOST_NAMED: usize = 4;

/// Chooses between the files of a frame. `texts` holds what could be read of them; a file without text cannot agree.
pub fn settle(traced: &Traced<'_>, look: &LookUp, texts: &BTreeMap<RepoPath, String>) -> Mapped {
    let candidates = match look {
        LookUp::Missed(miss) => return Mapped::Missed(miss.clone()),
        LookUp::Fits(candidates) => candidates,
    };
    let clues = Clues::of(traced);
    let judged: Vec<(Agreement, Option<u32>, &Candidate)> = candidates
        .files
        .iter()
        .map(|candidate| {
            let text = texts.get(&candidate.path).map(String::as_str);
            let (agreement, line) = clues.judge(candidate, text);
            (agreement, line, candidate)
        })
        .collect();
    // As the event's machine may run an older text, a line that is gone says no more than no line at all.
    let strength = |agreement: Agreement| match agreement {
        Agreement::SameLine => 0,
        Agreement::LineMoved { .. } => 1,
        Agreement::FunctionDefined | Agreement::DefinitionOnly => 2,
        Agreement::Declared => 3,
        Agreement::Unchecked | Agreement::LineGone => 4,
    };
    let Some(best) = judged.iter().map(|(agreement, _, _)| strength(*agreement)).min() else {
        return Mapped::Missed(Miss::Untracked { name: candidates.name.clone() });
    };
    let mut equal = judged.into_iter().filter(|(agreement, _, _)| strength(*agreement) == best);
    let Some((agreement, line, candidate)) = equal.next() else {
        return Mapped::Missed(Miss::Untracked { name: candidates.name.clone() });
    };
    let others: Vec<RepoPath> = equal.map(|(_, _, other)| other.path.clone()).collect();
    if candidate.fit != Fit::Exact && (!others.is_empty() || candidates.cut == Cut::Some && best == 4) {
        return Mapped::Missed(ambiguous(candidates, candidate, others));
    }
    // Of a file elsewhere only the name fits, unless its text says more.
    if matches!(candidate.fit, Fit::End(1)) && best == 4 {
        let (name, nearest) = (candidates.name.clone(), candidate.path.clone());
        return Mapped::Missed(Miss::Doubtful { name, nearest });
    }
    Mapped::Found(Located { path: candidate.path.clone(), line, named: candidate.named, agreement })
}

fn ambiguous(candidates: &Candidates, first: &Candidate, others: Vec<RepoPath>) -> Miss {
    let mut among = vec![first.path.clone()];
    among.extend(others);
    among.truncate(MOST_NAMED);
    Miss::Ambiguous { name: candidates.name.clone(), among }
}

/// What a frame says that a text can agree with.
struct Clues<'a> {
    line: Option<u32>,
    source_line: Option<&'a str>,
    names: Vec<String>,
    module: &'a str,
}

impl<'a> Clues<'a> {
    fn of(traced: &Traced<'a>) -> Self {
        let frame = traced.frame;
        let raw = frame.raw_function.as_ref().unwrap_or(&frame.function);
        let mut names = bare_names(raw.as_raw_str());
        if let Some(name) = traced.original.and_then(|original| original.name.as_deref()) {
            names.insert(0, name.to_owned());
        }
        let sent = frame.source_line().map(|text| text.as_raw_str());
        let (line, source_line) = match traced.original {
            Some(original) => (Some(original.line), original.text.as_deref()),
            None => (frame.position.map(|position| position.line).filter(|line| *line > 0), sent),
        };
        let source_line = source_line.map(str::trim).filter(|text| text.len() > 2);
        Self { line, source_line, names, module: frame.module.as_ref().map_or("", |m| m.as_raw_str()) }
    }

    fn judge(&self, candidate: &Candidate, text: Option<&str>) -> (Agreement, Option<u32>) {
        let own_line = self.line.filter(|_| candidate.line == LineWorth::Own);
        let Some(text) = text else { return (Agreement::Unchecked, own_line) };
        let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
        if let (Some(line), Some(sent)) = (own_line, self.source_line) {
            match place_of(text, sent, line) {
                Some(at) if at == line => return (Agreement::SameLine, Some(line)),
                Some(at) => return (Agreement::LineMoved { from: line }, Some(at)),
                None => {}
            }
        }
        let gone = own_line.is_some() && self.source_line.is_some();
        let defined = self.names.iter().take(2).find_map(|name| {
            let defined = definitions(&candidate.path, text, name);
            (!defined.is_empty()).then_some(defined)
        });
        let inside = own_line.filter(|line| *line <= lines);
        match (defined, inside) {
            (Some(defined), Some(line)) if !gone && enclosing(&defined, line).is_some() => {
                (Agreement::FunctionDefined, Some(line))
            }
            (Some(defined), _) => (Agreement::DefinitionOnly, defined.first().copied()),
            (None, line) if gone => (Agreement::LineGone, line),
            (None, line) if self.is_declared(text) => (Agreement::Declared, line),
            (None, line) => (Agreement::Unchecked, line),
        }
    }

    /// `package com.acme.shop;` or `namespace Acme.Shop` of the frame's module.
    fn is_declared(&self, text: &str) -> bool {
        let Some((package, class)) = self.module.rsplit_once(['.', '\\']) else { return false };
        let class = class.split(['$', '+']).next().unwrap_or(class).trim_end_matches("Kt");
        let declares = |line: &str| {
            let rest =
                ["package ", "namespace "].iter().find_map(|word| line.trim_start().strip_prefix(word));
            rest.is_some_and(|rest| rest.trim_end_matches([';', '{', ' ', '\r']).trim() == package)
        };
        text.lines().take(200).any(declares) && text.contains(class)
    }
}

/// The line at which a source line stands: the one that was said, else the nearest.
fn place_of(text: &str, sent: &str, line: u32) -> Option<u32> {
    let same = (1_u32..).zip(text.lines()).filter(|(_, have)| have.trim() == sent).map(|(number, _)| number);
    same.min_by_key(|number| number.abs_diff(line))
}
