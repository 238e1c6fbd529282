//! A story, told hour by hour.

use super::requests::{self, Request, Traced, Went};
use super::services::{ROUTES, Route, SERVICES};
use super::troubles::{self, ATTEMPTS, Blame, Change, FLAGS, Phase, Reach, Trouble};
use super::truth::{Cause, Incident, MitigationTruth, Truth, time};
use super::{Scenario, Story};
use crate::traffic::Seed;
use crate::traffic::deed::{Deed, Deploy, FlagChange, Hour};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many hours are played, from midnight in the shop to midnight two days later.
pub(super) const HOURS: u32 = 48;

/// In which minute of the story the trouble starts: ten past eight in the evening of the second day.
const STARTS: i64 = 44 * 60 + 10;

/// How many users the shop has.
const USERS: u64 = 1_200;

/// Seconds of a bucket of sessions.
const BUCKET: i64 = 600;

/// What holds for the whole story.
pub(super) struct Setting {
    trouble: Option<&'static Trouble>,
    /// When it starts, in seconds since 1970.
    starts: i64,
    deploys: Vec<Deploy>,
    flags: Vec<FlagChange>,
}

/// What the trouble does to one request.
#[derive(Clone, Copy)]
pub(super) struct Strike {
    pub trouble: &'static Trouble,
    pub fails: bool,
    pub slow_millis: u64,
}

/// Tells a story other than the shop's day.
pub(super) fn tell(scenario: Scenario, number: u64, start: i64) -> Story {
    let setting = Setting::new(scenario, start);
    let mut truth = Truth::without_incident(scenario, number, start);
    setting.deploys.iter().for_each(|deploy| truth.note_deploy(deploy));
    setting.flags.iter().for_each(|change| truth.note_flag(change));
    let mut told = Tally::default();
    let hours = (0..scenario.hours())
        .map(|hour| {
            // Each hour has its own numbers: what happens in one leaves the others alone.
            let mut seed = Seed::new(number.wrapping_mul(1_000_003).wrapping_add(u64::from(hour)));
            Hour { number: hour, deeds: setting.hour(scenario, hour, start, &mut seed, &mut told) }
        })
        .collect();
    truth.incident = setting.trouble.map(|trouble| setting.incident(trouble, &told));
    let live_from = if setting.trouble.is_some() { u32::try_from(STARTS / 60).unwrap_or(0) } else { 0 };
    Story { hours, live_from, truth }
}

/// Who was there while the trouble lasted.
#[derive(Default)]
struct Tally {
    active: BTreeSet<u64>,
    affected: BTreeSet<u64>,
    felt_by: BTreeSet<&'static str>,
}

/// Sessions of a service: bucket, then how they went.
type Sessions = BTreeMap<&'static str, BTreeMap<i64, [u64; 3]>>;

impl Setting {
    fn new(scenario: Scenario, start: i64) -> Self {
        let starts = start + STARTS * 60;
        let mut setting =
            Self { trouble: troubles::trouble(scenario), starts, deploys: Vec::new(), flags: Vec::new() };
        for service in &SERVICES {
            let version = format!("{}@1.{}.0", service.slug, service.minor);
            setting.deploys.push(Deploy { project: service.slug, version, at: start, change: None });
        }
        setting.flags.extend(FLAGS.map(|(flag, percent)| FlagChange { flag, percent, at: start }));
        for change in troubles::changes(scenario) {
            setting.change(change);
        }
        setting.deploys.sort_by_key(|deploy| deploy.at);
        setting.flags.sort_by_key(|change| change.at);
        setting
    }

    fn change(&mut self, change: Change) {
        let at = |minute: i64| self.starts + minute * 60;
        match change {
            Change::Flag { minute, flag, percent } => {
                let at = at(minute);
                self.flags.push(FlagChange { flag, percent, at });
            }
            Change::Deploy { minute, service, file, why } => {
                let out = self.deploys.iter().filter(|deploy| deploy.project == service).count();
                let minor =
                    SERVICES.iter().find(|known| known.slug == service).map_or(0, |known| known.minor);
                let version = format!("{service}@1.{}.0", minor + u32::try_from(out).unwrap_or(0));
                let deploy = Deploy { project: service, version, at: at(minute), change: Some((file, why)) };
                self.deploys.push(deploy);
            }
            Change::RollBack { minute, service } => {
                let mut versions = self.deploys.iter().rev().filter(|deploy| deploy.project == service);
                let Some(before) = versions.nth(1) else { return };
                let deploy = Deploy { at: at(minute), change: None, ..before.clone() };
                self.deploys.push(deploy);
            }
        }
    }

    pub(super) fn trouble(&self) -> Option<&'static Trouble> {
        self.trouble
    }

    /// The version of a service that is out at a time.
    pub(super) fn release(&self, service: &str, at: i64) -> String {
        let out = self.deploys.iter().rev().find(|deploy| deploy.project == service && deploy.at <= at);
        out.map(|deploy| deploy.version.clone()).unwrap_or_default()
    }

    /// Which flags a user has at a time, as SDKs report them.
    pub(super) fn flags(&self, user: u64, at: i64) -> Value {
        FLAGS.map(|(flag, _)| json!({"flag": flag, "result": self.has(user, flag, at)})).into_iter().collect()
    }

    fn has(&self, user: u64, flag: &str, at: i64) -> bool {
        let percent = self.flags.iter().rev().find(|change| change.flag == flag && change.at <= at);
        let place = (user * 7_919 + flag.len() as u64 * 104_729) % 100;
        percent.is_some_and(|change| place < change.percent)
    }

    fn phase(&self, at: i64) -> Option<Phase> {
        let minute = (at - self.starts).div_euclid(60);
        let phases = self.trouble?.phases;
        let now = phases.iter().rev().find(|phase| phase.minute <= minute).copied()?;
        // The last phase is the end.
        (now.minute < phases.last()?.minute).then_some(now)
    }

    /// What the trouble does to a request.
    pub(super) fn strike(&self, request: Request, seed: &mut Seed) -> Option<Strike> {
        let phase = self.phase(request.at)?;
        let trouble = self.trouble?;
        let in_reach = match trouble.reach {
            Reach::Everyone => true,
            Reach::TwoCells => request.user % 5 < 2,
            Reach::WithFlag(flag) => self.has(request.user, flag, request.at),
        };
        in_reach.then(|| Strike {
            trouble,
            fails: seed.below(100) < phase.fails,
            slow_millis: phase.slow_millis,
        })
    }

    fn hour(
        &self,
        scenario: Scenario,
        hour: u32,
        start: i64,
        seed: &mut Seed,
        tally: &mut Tally,
    ) -> Vec<Deed> {
        let begins = start + i64::from(hour) * 3600;
        let inside = |at: i64| (begins..begins + 3600).contains(&at);
        let mut deeds: Vec<Deed> = Vec::new();
        deeds.extend(self.deploys.iter().filter(|deploy| inside(deploy.at)).cloned().map(Deed::Deploy));
        deeds.extend(self.flags.iter().filter(|change| inside(change.at)).cloned().map(Deed::Flag));
        let mut sessions = Sessions::new();
        let requests = requests_of(hour);
        for number in 0..requests {
            let at =
                begins + (number * 3600 / requests + seed.below(3600 / requests + 1)).cast_signed().min(3599);
            let traced = if seed.below(100) < traced_percent(scenario) { Traced::Yes } else { Traced::No };
            let request = Request { route: route(seed.below(100)), at, user: seed.below(USERS), traced };
            let told = requests::tell(request, self, seed);
            let bucket = at.div_euclid(BUCKET) * BUCKET;
            for (service, went) in &told.sessions {
                sessions.entry(service).or_default().entry(bucket).or_default()[slot(*went)] += 1;
            }
            if self.phase(at).is_some() {
                tally.active.insert(request.user);
                if told.struck {
                    tally.affected.insert(request.user);
                    tally.felt_by.extend(told.deeds.iter().filter_map(reporting_service));
                }
            }
            deeds.extend(told.deeds);
        }
        deeds.extend(self.attempts(begins, seed));
        // What ends after the hour is reported in it all the same: nothing is reported twice or lost.
        let last = begins + 3599;
        for deed in &mut deeds {
            if let Deed::Event(sent) | Deed::Transaction(sent) = deed {
                sent.at = sent.at.min(last);
            }
        }
        deeds.extend(self.session_reports(&sessions, last));
        deeds
    }

    /// Attempts of an attacker in the hour that begins at a second.
    fn attempts(&self, begins: i64, seed: &mut Seed) -> Vec<Deed> {
        let Some(Blame::Attack { sources, attempts }) = self.trouble.map(|trouble| trouble.blame) else {
            return Vec::new();
        };
        let mut deeds = Vec::new();
        for number in 0..attempts {
            let at = begins + (number * 3600 / attempts).cast_signed();
            let (kind, user, source) = (seed.below(100), seed.below(USERS), seed.below(sources));
            if self.phase(at).is_none() {
                continue;
            }
            let crash = if kind < ATTEMPTS[0].0 { &ATTEMPTS[0].1 } else { &ATTEMPTS[1].1 };
            let request = Request { route: &ROUTES[2], at, user, traced: Traced::No };
            let (trace, span) = (seed.event_id(), seed.event_id());
            let mut deed =
                requests::error(crash, request, self, seed, (&trace, &span[..16]), requests::to_f64(at));
            if let Deed::Event(sent) = &mut deed {
                sent.payload["user"] = json!({"id": user.to_string(), "ip_address": address(source)});
                sent.payload["request"] = json!({
                    "method": "POST", "url": "https://shop.example/api/login",
                    "headers": {"User-Agent": "python-requests/2.31"},
                });
            }
            deeds.push(deed);
        }
        deeds
    }

    fn session_reports(&self, sessions: &Sessions, at: i64) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for (project, buckets) in sessions {
            // A report is about one release.
            let mut by_release: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for (bucket, [well, errored, crashed]) in buckets {
                let started = time(*bucket).to_string();
                let counts =
                    json!({"started": started, "exited": well, "errored": errored, "crashed": crashed});
                by_release.entry(self.release(project, *bucket)).or_default().push(counts);
            }
            deeds.extend(by_release.into_iter().map(|(release, aggregates)| Deed::Sessions {
                project,
                at,
                sessions: json!({
                    "aggregates": aggregates,
                    "attrs": {"release": release, "environment": "production"},
                }),
            }));
        }
        deeds
    }

    fn incident(&self, trouble: &'static Trouble, tally: &Tally) -> Incident {
        let at = |minute: i64| time(self.starts + minute * 60);
        let ends = trouble.phases.last().map_or(0, |phase| phase.minute);
        let cause = match trouble.blame {
            Blame::Deploy => Cause::Deploy {
                project: trouble.service,
                release: self.release(trouble.service, self.starts),
            },
            Blame::Flag(flag) => Cause::Flag { flag },
            Blame::Outside(what) => Cause::Outside { what },
            Blame::Attack { sources, .. } => Cause::Attack { sources: (0..sources).map(address).collect() },
        };
        let attack = matches!(trouble.blame, Blame::Attack { .. });
        let mut errors = vec![trouble.crash.kind];
        if attack {
            errors.extend(ATTEMPTS.iter().map(|(_, crash)| crash.kind));
        }
        let (active, affected) = (tally.active.len() as u64, tally.affected.len() as u64);
        #[expect(clippy::cast_precision_loss, reason = "thousands of users")]
        let share = affected as f64 / active.max(1) as f64;
        Incident {
            starts: at(0),
            ends: at(ends),
            cause,
            services: vec![trouble.service],
            felt_by: tally.felt_by.iter().copied().filter(|service| *service != trouble.service).collect(),
            errors,
            users_active: active,
            users_affected: affected,
            users_share: share,
            security: attack,
            mitigations: trouble
                .mitigations
                .iter()
                .map(|done| MitigationTruth { at: at(done.minute), what: done.what, effect: done.effect })
                .collect(),
        }
    }
}

/// Requests in an hour of the story: few at night, most in the evening.
fn requests_of(hour: u32) -> u64 {
    match hour % 24 {
        0..=5 => 90,
        6..=8 => 200,
        9..=16 => 320,
        17 | 18 => 420,
        19..=21 => 560,
        _ => 260,
    }
}

/// Of how many of a hundred requests the transactions are reported. A week is long: there it is fewer.
const fn traced_percent(scenario: Scenario) -> u64 {
    match scenario {
        Scenario::Quiet => 3,
        _ => 10,
    }
}

fn route(mut percent: u64) -> &'static Route {
    for route in &ROUTES {
        match percent.checked_sub(route.percent) {
            Some(rest) => percent = rest,
            None => return route,
        }
    }
    &ROUTES[0]
}

const fn slot(went: Went) -> usize {
    match went {
        Went::Well => 0,
        Went::Errored => 1,
        Went::Crashed => 2,
    }
}

fn reporting_service(deed: &Deed) -> Option<&'static str> {
    match deed {
        Deed::Event(sent) => Some(sent.project),
        _ => None,
    }
}

/// An address of the block that is set aside for documentation.
fn address(number: u64) -> String {
    format!("203.0.113.{}", number + 10)
}
