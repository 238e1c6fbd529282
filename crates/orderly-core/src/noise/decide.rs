//! Is an issue noise? The first rule that matches says so with its evidence; the guard is asked last and overrules it.

use super::inputs::{HeadFix, HeadFixToldBy, NoisePolicy, ReleaseSeen, Subject};
use super::known::{is_bot, is_injected, is_own_machine, third_party};
use super::rule::Rule;
use crate::diagnose::{Evidence, Family, Frame, Said, family_of, family_of_words};
use crate::normal::platform::Platform;
use crate::silence::{Silence, Usual, judge as silence};
use crate::time::{Now, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Why an issue is noise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noise {
    /// The rule.
    pub rule: Rule,
    /// What it saw: words of ours and text of the event in turn.
    pub because: Vec<Said>,
}

/// What the filter says of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Judged {
    /// No rule matches.
    Signal,
    /// A rule matches, and volume or users are too high for noise.
    Kept {
        /// What the rule said.
        despite: Noise,
    },
    /// A rule matches.
    Hidden(Noise),
}

/// Asks every rule that is on, in order.
pub fn judge(subject: Subject<'_>, policy: &NoisePolicy, now: Now) -> Judged {
    let ask = Ask { subject, policy, now };
    let rules = Rule::ALL.into_iter().filter(|rule| !policy.off.contains(rule));
    let noise = rules.into_iter().find_map(|rule| Some(Noise { rule, because: ask.rule(rule)? }));
    let guard = policy.guard;
    let guarded = subject.issue.events >= guard.events || subject.issue.users >= guard.users;
    match noise {
        None => Judged::Signal,
        Some(despite) if guarded => Judged::Kept { despite },
        Some(noise) => Judged::Hidden(noise),
    }
}

struct Ask<'a> {
    subject: Subject<'a>,
    policy: &'a NoisePolicy,
    now: Now,
}

type Because = Option<Vec<Said>>;

impl Ask<'_> {
    fn rule(&self, rule: Rule) -> Because {
        match rule {
            Rule::FixedOnHead => self.fixed_on_head(),
            Rule::GoneInNewerRelease => self.gone(),
            Rule::Level => self.level(),
            Rule::Stale => self.stale(),
            Rule::Fluke => self.fluke(),
            Rule::NotProduction => self.not_production(),
            Rule::BrowserExtension => self.injected(),
            Rule::ThirdPartyScript => self.third_party(),
            Rule::OpaqueScript => self.opaque(),
            Rule::Bot => self.bot(),
            Rule::Cancelled => self.family(Family::Cancelled),
            Rule::ClientNetwork => self.client_network(),
            Rule::OutOfMemory => self.family(Family::Memory),
            Rule::Hardware => self.family(Family::Hardware),
            Rule::OneInstallation => self.one_installation(),
        }
    }

    fn fixed_on_head(&self) -> Because {
        let HeadFix { commit, told_by } = self.subject.head?;
        let said = match told_by {
            // A fix that was there before the newest event's release was built did not hold; without knowing, a later event
            // speaks.
            HeadFixToldBy::Message { at } if self.last_release().is_some_and(|last| last.since >= *at) => {
                return None;
            }
            HeadFixToldBy::Message { at } => {
                format!("commit {} of {} says it fixes it", commit.short(), day(*at))
            }
            HeadFixToldBy::Line { path, line } => {
                format!(
                    "{path}:{line}, which crashed, was changed by {}, which no release with the crash has",
                    commit.short()
                )
            }
        };
        Some(vec![Said::Words(said)])
    }

    /// The release of the latest event.
    fn last_release(&self) -> Option<&ReleaseSeen> {
        let version = self.evidence()?.release.as_ref()?;
        self.subject.releases?.iter().find(|release| release.version == *version)
    }

    /// Newest release of the project, later than the latest event's, alive, and without this error for longer than luck
    /// explains.
    fn gone(&self) -> Because {
        let issue = self.subject.issue;
        let last = self.last_release()?;
        let newer = |release: &&ReleaseSeen| release.since > last.since && release.since > issue.last_seen;
        let releases = self.subject.releases?;
        // The oldest of those that are newer gives the longest silence.
        let newer = releases.iter().filter(newer).min_by_key(|release| release.since)?;
        let alive = releases.iter().filter(|r| r.since >= newer.since).filter_map(|r| r.last_event).max()?;
        let hours = |from: Timestamp, to: Timestamp| {
            let seconds = to.as_second().saturating_sub(from.as_second()).max(0);
            seconds as f64 / 3600.0
        };
        let before = hours(issue.first_seen, newer.since).clamp(1.0, 14.0 * 24.0);
        let usual = Usual { rate: issue.events as f64 / before, dispersion: 1.0 };
        let quiet = hours(newer.since, alive.min(self.now.0));
        match silence(usual, quiet) {
            Silence::Proven { luck } => Some(vec![
                Said::words("not seen since release "),
                Said::Event(newer.version.clone()),
                Said::Words(format!(
                    ", {quiet:.0} hours in which other events came; luck explains that with {:.1} %",
                    luck * 100.0
                )),
            ]),
            Silence::NotYet { .. } => None,
        }
    }

    fn level(&self) -> Because {
        let level = self.subject.issue.level;
        (level < self.policy.level).then(|| vec![Said::Words(format!("level {}", level.word()))])
    }

    fn stale(&self) -> Because {
        let seconds = self.now.seconds_since(self.subject.issue.last_seen);
        (seconds > self.policy.stale_after.0)
            .then(|| vec![Said::Words(format!("not seen for {} days", seconds / 86_400))])
    }

    fn fluke(&self) -> Because {
        let issue = self.subject.issue;
        let seconds = self.now.seconds_since(issue.last_seen);
        (issue.events <= 1 && seconds > self.policy.fluke_after.0)
            .then(|| vec![Said::Words(format!("one event, {} days ago", seconds / 86_400))])
    }

    fn not_production(&self) -> Because {
        let dev = |name: &str| self.policy.dev_environments.iter().any(|dev| dev.eq_ignore_ascii_case(name));
        if let Some(spread) = self.spread("environment") {
            let all = spread.every(dev) && spread.total >= self.subject.issue.events;
            return all.then(|| {
                let names = spread.top.iter().enumerate().flat_map(|(at, (name, _))| {
                    let lead = if at == 0 { "only in environment " } else { ", " };
                    [Said::words(lead), Said::Event(name.clone())]
                });
                names.collect()
            });
        }
        let url = &self.evidence()?.request.as_ref()?.url;
        let local = self.subject.issue.events <= 1 && is_own_machine(url.as_raw_str());
        local.then(|| vec![Said::words("on the developer's own machine: "), Said::Event(url.clone())])
    }

    fn injected(&self) -> Because {
        let frame = self.crash_frames()?.iter().find_map(|frame| Some((frame, file(frame)?)));
        if let Some((_, file)) = frame.filter(|(_, file)| is_injected(file.as_raw_str())) {
            return Some(vec![Said::words("crashed in "), Said::Event(file.clone())]);
        }
        let found = family_of(self.evidence()?)?;
        let own = self
            .evidence()?
            .in_app_frames()
            .any(|frame| file(frame).is_some_and(|f| !is_injected(f.as_raw_str())));
        (found.rule == "script/foreign" && !own && !self.is_opaque()).then(|| {
            vec![Said::words("a message of extensions and of apps around the page, without own code")]
        })
    }

    fn third_party(&self) -> Because {
        let evidence = self.evidence()?;
        let frames = self.crash_frames()?;
        let from = |frame: &Frame| {
            let file = file(frame)?.as_raw_str();
            third_party(file, &self.policy.third_party).map(str::to_owned)
        };
        let crashed = frames.iter().find(|frame| file(frame).is_some())?;
        let host = from(crashed)?;
        let own = evidence.in_app_frames().any(|frame| from(frame).is_none());
        (!own).then(|| vec![Said::words("crashed in a script of "), Said::Event(Untrusted::new(host))])
    }

    fn is_opaque(&self) -> bool {
        let issue = self.subject.issue;
        let says =
            |text: &str| matches!(text.trim().trim_end_matches('.'), "Script error" | "Error: Script error");
        says(issue.title.as_raw_str())
            || issue.error_value.as_ref().is_some_and(|value| says(value.as_raw_str()))
    }

    fn opaque(&self) -> Because {
        self.is_opaque()
            .then(|| vec![Said::words("the browser hides what happened in a script of another origin")])
    }

    fn bot(&self) -> Because {
        let agent = self.evidence().and_then(|evidence| evidence.around.user_agent.as_ref());
        for key in ["browser", "browser.name", "user_agent"] {
            if let Some(spread) = self.spread(key) {
                return (spread.every(is_bot) && spread.total >= self.subject.issue.events).then(|| {
                    let seen = spread.top.first().map(|(value, _)| Said::Event(value.clone()));
                    [Said::words("only programs: ")].into_iter().chain(seen).collect()
                });
            }
        }
        // One event's header says nothing of the others.
        let agent = agent.filter(|agent| self.subject.issue.events <= 1 && is_bot(agent.as_raw_str()))?;
        Some(vec![Said::words("a program: "), Said::Event(agent.clone())])
    }

    /// The family that the event tells, or the list's type and message where no event was looked at.
    fn told(&self) -> Option<(Family, String)> {
        if let Some(evidence) = self.evidence() {
            return family_of(evidence).map(|found| (found.family, found.rule));
        }
        let issue = self.subject.issue;
        let raw =
            |text: Option<&Untrusted<String>>| text.map(|t| t.as_raw_str().to_owned()).unwrap_or_default();
        let message = issue.error_value.as_ref().unwrap_or(&issue.title);
        let (family, rule) =
            family_of_words(self.platform(), &raw(issue.error_type.as_ref()), message.as_raw_str())?;
        Some((family, rule.to_owned()))
    }

    fn platform(&self) -> Platform {
        self.subject.platform.map_or(Platform::Other, |platform| Platform::of(platform.as_raw_str()))
    }

    fn family(&self, wanted: Family) -> Because {
        let (family, rule) = self.told()?;
        (family == wanted).then(|| vec![Said::Words(format!("{}, told by rule {rule}", wanted.word()))])
    }

    fn client_network(&self) -> Because {
        let client = self.evidence().is_some_and(|e| e.around.browser.is_some() || e.around.device.is_some());
        if client { self.family(Family::Connection) } else { None }
    }

    fn one_installation(&self) -> Because {
        let issue = self.subject.issue;
        if issue.events < 2 || issue.users > 1 {
            return None;
        }
        for key in &self.policy.installation_tags {
            if let Some(spread) = self.spread(key) {
                let one = spread.only().is_some() && spread.total >= issue.events;
                return one.then(|| {
                    vec![Said::Words(format!("all {} events of one installation ({key})", issue.events))]
                });
            }
        }
        // On a server one user is one customer; on a device it is one device.
        let evidence = self.evidence()?;
        let on_device = evidence.around.device.is_some() || evidence.around.browser.is_some();
        let one =
            self.spread("user").is_some_and(|spread| spread.only().is_some() && spread.total >= issue.events);
        (on_device && one)
            .then(|| vec![Said::Words(format!("all {} events of one person's device", issue.events))])
    }

    fn evidence(&self) -> Option<&Evidence> {
        self.subject.closer?.evidence.saw()
    }

    fn spread(&self, key: &str) -> Option<&super::TagSpread> {
        self.subject.closer?.spread.saw()?.of(key)
    }

    /// Frames of the deepest cause that has some, crash frame first.
    fn crash_frames(&self) -> Option<&[Frame]> {
        let chain = &self.evidence()?.exceptions;
        chain.iter().rev().map(|exception| exception.frames.as_slice()).find(|frames| !frames.is_empty())
    }
}

fn file(frame: &Frame) -> Option<&Untrusted<String>> {
    frame.abs_path.as_ref().or(frame.file.as_ref())
}

fn day(at: Timestamp) -> String {
    at.strftime("%F").to_string()
}
