//! The sentences of a diagnosis: what was being done, where it crashed, why, whether it is a bug, what would cure it, and
//! in which surroundings. Five or six, and none without evidence.

use super::diagnosis::{About, Bullet, Cite, Diagnosis, Remedy, Said, Verdict};
use super::doing::doing;
use super::evidence::{Evidence, Frame, FrameOrigin, Handled};
use super::family::{Family, Meaning};
use super::rules::{Found, family_of};

/// Diagnoses a crash from the evidence of its latest event.
pub fn diagnose(evidence: &Evidence) -> Diagnosis {
    let found = family_of(evidence);
    let family = found.as_ref().map_or(Family::Unknown, |found| found.family);
    let crashed = crashed_in(evidence);
    let judged = judge(evidence, family, crashed.as_ref());
    let mut bullets = vec![
        doing(evidence),
        place(crashed.as_ref()),
        cause(evidence, &judged.meaning, found.as_ref()),
        kind(evidence, &judged, family, crashed.as_ref()),
        cure(&judged, family, found.as_ref(), crashed.as_ref()),
    ];
    bullets.extend(surroundings(evidence));
    Diagnosis { bullets, family, verdict: judged.verdict, remedy: judged.remedy }
}

/// The frame that most likely holds the mistake, and where it is in the evidence.
struct Crashed<'a> {
    exception: usize,
    at: usize,
    frame: &'a Frame,
}

impl Crashed<'_> {
    const fn cite(&self) -> Cite {
        Cite::Frame { exception: self.exception, frame: self.at }
    }
}

/// The innermost own frame of the deepest cause that has one; else the innermost frame at all.
fn crashed_in(evidence: &Evidence) -> Option<Crashed<'_>> {
    let all = || {
        evidence.exceptions.iter().enumerate().rev().flat_map(|(exception, e)| {
            e.frames.iter().enumerate().map(move |(at, frame)| Crashed { exception, at, frame })
        })
    };
    all().find(|crashed| crashed.frame.origin == FrameOrigin::InApp).or_else(|| all().next())
}

/// What the family means, after what the event says about it.
struct Judged {
    meaning: Meaning,
    verdict: Verdict,
    remedy: Remedy,
}

fn judge(evidence: &Evidence, family: Family, crashed: Option<&Crashed<'_>>) -> Judged {
    let meaning = family.meaning();
    let (mut verdict, mut remedy) = (meaning.verdict, meaning.remedy);
    // A check of our own that ends the process is not handled, whatever was to be expected of the input.
    if verdict == Verdict::Unclear && handled(evidence) == Handled::No && is_own(crashed) {
        verdict = Verdict::Bug;
    }
    if verdict == Verdict::Bug && !is_own(crashed) {
        verdict = Verdict::Unclear;
        remedy = Remedy::Unknown;
    }
    Judged { meaning, verdict, remedy }
}

fn is_own(crashed: Option<&Crashed<'_>>) -> bool {
    crashed.is_some_and(|crashed| crashed.frame.origin == FrameOrigin::InApp)
}

fn handled(evidence: &Evidence) -> Handled {
    evidence.thrown().and_then(|e| e.mechanism.as_ref()).map_or(Handled::Unknown, |m| m.handled)
}

fn place(crashed: Option<&Crashed<'_>>) -> Bullet {
    let Some(crashed) = crashed else {
        let says = vec![Said::words("The event has no stack trace, so it does not say where.")];
        return Bullet { about: About::Place, says, cites: vec![Cite::Absent("stack trace".to_owned())] };
    };
    let mut says = Vec::new();
    if !is_own(Some(crashed)) {
        says.push(Said::words("No frame is of this project's own code; innermost is "));
    }
    says.push(Said::Event(crashed.frame.function.clone()));
    if let Some(file) = crashed.frame.file.as_ref().or(crashed.frame.module.as_ref()) {
        says.extend([Said::words(" in "), Said::Event(file.clone())]);
    }
    if let Some(position) = crashed.frame.position {
        says.push(Said::Words(format!(", line {}", position.line)));
    }
    if let Some(source) = crashed.frame.source_line().filter(|line| !line.as_raw_str().trim().is_empty()) {
        says.extend([Said::words(", which reads "), Said::Event(source.clone())]);
    }
    says.push(Said::words("."));
    Bullet { about: About::Place, says, cites: vec![crashed.cite()] }
}

fn cause(evidence: &Evidence, meaning: &Meaning, found: Option<&Found>) -> Bullet {
    let mut cites = Vec::new();
    let at = found.map_or_else(|| evidence.exceptions.len().checked_sub(1), |found| found.exception);
    let mut says = Vec::new();
    if let Some((at, exception)) = at.and_then(|at| Some((at, evidence.exceptions.get(at)?))) {
        says.push(Said::Event(exception.kind.clone()));
        if !exception.value.as_raw_str().is_empty() {
            says.extend([Said::words(" says "), Said::Event(exception.value.clone())]);
        }
        cites.push(Cite::Exception(at));
    } else if let Some(message) = &evidence.message {
        says.extend([Said::words("The message is "), Said::Event(message.clone())]);
        cites.push(Cite::Message);
    } else {
        says.push(Said::words("The event has neither an exception nor a message"));
        cites.push(Cite::Absent("exception".to_owned()));
    }
    says.push(Said::Words(format!(": {}.", meaning.why)));
    if let (Some(at), Some(thrown)) = (at.filter(|at| *at > 0), evidence.thrown()) {
        says.extend([
            Said::words(" It surfaced as "),
            Said::Event(thrown.kind.clone()),
            Said::Words(match at {
                1 => ", which it caused.".to_owned(),
                more => format!(", {more} exceptions further out."),
            }),
        ]);
        cites.push(Cite::Exception(0));
    }
    cites.extend(found.map(|found| Cite::Rule(found.rule.clone())));
    Bullet { about: About::Cause, says, cites }
}

fn kind(evidence: &Evidence, judged: &Judged, family: Family, crashed: Option<&Crashed<'_>>) -> Bullet {
    let verdict = match judged.verdict {
        Verdict::Bug => "A real bug: ",
        Verdict::Expected => "An expected failure that wants handling: ",
        Verdict::NotActionable => "Not actionable here: ",
        Verdict::Unclear => "Not clear whether it is a bug: ",
    };
    let reason = match (judged.verdict, handled(evidence)) {
        (Verdict::NotActionable, _) => "nothing in this code causes it",
        (Verdict::Unclear, _) if !is_own(crashed) => "no own code is seen at the place of the crash",
        (_, Handled::No) => "nobody caught it",
        (_, Handled::Yes) => "it was caught and reported on purpose",
        (_, Handled::Unknown) => "the event does not say whether somebody caught it",
    };
    let says = vec![Said::Words(format!("{verdict}{reason} ({}).", family.word()))];
    let mut cites: Vec<Cite> = match evidence.thrown().and_then(|e| e.mechanism.as_ref()) {
        Some(_) => vec![Cite::Mechanism(0)],
        None => vec![Cite::Absent("mechanism".to_owned())],
    };
    cites.extend(crashed.map(Crashed::cite));
    Bullet { about: About::Verdict, says, cites }
}

fn cure(judged: &Judged, family: Family, found: Option<&Found>, crashed: Option<&Crashed<'_>>) -> Bullet {
    let size = match judged.remedy {
        Remedy::Guard => "Probably a guard at that place. ",
        Remedy::Structural => "Probably more than a guard. ",
        Remedy::None => "",
        Remedy::Unknown if family == Family::Unknown => "",
        Remedy::Unknown => "How large a cure is cannot be told without own code in the trace. ",
    };
    let mut cites: Vec<Cite> = found.map(|found| Cite::Rule(found.rule.clone())).into_iter().collect();
    match crashed {
        Some(crashed) => cites.push(crashed.cite()),
        None if cites.is_empty() => cites.push(Cite::Absent("stack trace".to_owned())),
        None => {}
    }
    Bullet { about: About::Remedy, says: vec![Said::Words(format!("{size}{}", judged.meaning.cure))], cites }
}

/// Release, environment and machine, where the event names them.
fn surroundings(evidence: &Evidence) -> Option<Bullet> {
    let around = &evidence.around;
    let named = [
        ("release ", &evidence.release),
        ("environment ", &evidence.environment),
        ("", &around.runtime),
        ("", &around.browser),
        ("", &around.os),
        ("", &around.device),
    ];
    let named: Vec<_> = named.into_iter().filter_map(|(lead, text)| Some((lead, text.as_ref()?))).collect();
    if named.is_empty() {
        return None;
    }
    let mut says = vec![Said::words("Seen in ")];
    for (at, (lead, text)) in named.into_iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        says.extend([Said::Words(format!("{comma}{lead}")), Said::Event(text.clone())]);
    }
    says.push(Said::words("."));
    Some(Bullet { about: About::Surroundings, says, cites: vec![Cite::Surroundings] })
}
