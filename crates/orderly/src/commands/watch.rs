//! `orderly watch`: alarms as they come.
//!
//! On a terminal one screen that every look draws anew (`screen`); otherwise one JSON line an alarm, each told once.

mod screen;
mod told;

use super::interrupted;
use super::scope::configure;
use crate::cli::{Global, Watch};
use crate::clients;
use crate::clock::SystemClock;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer, Reader};
use crate::output::terminal::Terminal;
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::EventWords;
use orderly_core::ids::ProjectSlug;
use orderly_core::scrub::Scrubber;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::watch::{Raised, Sight, WatchPolicy};
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::ports::sentry::SentryRead as _;
use orderly_engine::sync::asked_environments;
use orderly_engine::watch::{WatchJob, WatchPorts};
use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::process::ExitCode;

/// Looking more often would ask Sentry the same again and again.
const LEAST_PAUSE: Seconds = Seconds(5);
/// What is judged needs hours before it to be judged by.
const LONGEST_BACK: Seconds = Seconds::days(12);
/// Characters of a title at most.
const TITLE: usize = 120;

/// Watches until it is interrupted, or looks once.
///
/// # Errors
/// A span out of range, names that do not exist, or a Sentry that cannot be asked at all; while it watches, a look that
/// fails is told and the next one follows.
pub async fn run(global: &Global, watch: Watch, printer: Printer) -> Result<ExitCode, Failure> {
    // It changes nothing, so it may be left at any point.
    tokio::select! {
        () = interrupted() => Ok(ExitCode::SUCCESS),
        watched = watched(global, watch, printer) => watched,
    }
}

async fn watched(global: &Global, watch: Watch, printer: Printer) -> Result<ExitCode, Failure> {
    let Watch { scope, once, every, since } = watch;
    if every.0 < LEAST_PAUSE || since.0 > LONGEST_BACK {
        let limits = format!("--every is at least {LEAST_PAUSE}, --since at most {LONGEST_BACK}");
        return Err(Failure::new(Kind::Usage, "the watch has a span that is out of range").hint(limits));
    }
    let config = configure(global, scope, |_| {})?;
    let scrubber = Scrubber::new(&config.settings.policy.redact)
        .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
    let words = EventWords { scrubber: &scrubber, longest: TITLE };
    let sentry = clients::sentry(&config).await?;
    let environments = match sentry.environments().await {
        Looked::Saw(exist) => asked_environments(&config.settings.triage.environments, &exist)
            .map_err(|gap| Failure::new(Kind::Usage, gap.what).hint("--environment names environments"))?,
        Looked::CouldNotLook(cause) => return Err(failed(&cause)),
    };
    let job = WatchJob {
        ports: WatchPorts { counts: &sentry, look: &sentry, triage: &sentry },
        projects: &config.settings.projects,
        environments: &environments,
        policy: WatchPolicy::default(),
    };
    let first = job.look(since.0).await.map_err(|cause| failed(&cause))?;
    let terminal = std::io::stdout().is_terminal() && printer.format() == Format::Text;
    match (once, terminal) {
        (true, true) => printer.data(&told::text(&first, &words))?,
        (false, true) if Terminal::here() == Terminal::Screen => {
            screen::show(&job, &words, first, (every.0, since.0), printer).await?;
        }
        _ => lines(&job, &words, first, (!once).then_some(every.0), since.0, printer).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One line an alarm, until whoever reads them has left.
async fn lines(
    job: &WatchJob<'_>,
    words: &EventWords<'_>,
    first: Sight,
    every: Option<Seconds>,
    since: Seconds,
    printer: Printer,
) -> Result<(), Failure> {
    let mut told = Told::default();
    let mut sight = Ok(first);
    loop {
        match sight {
            Ok(sight) => {
                told.gaps(&sight, printer);
                for raised in told.new_in(&sight) {
                    if printer.line(&told::line(raised, &sight.proposals, words))? == Reader::Gone {
                        return Ok(());
                    }
                }
            }
            Err(cause) => printer.failure_note(&failed(&cause)),
        }
        let Some(every) = every else { return Ok(()) };
        pause(every).await;
        sight = job.look(since).await;
    }
}

async fn pause(span: Seconds) {
    let now = SystemClock.now().0.as_second();
    let until = now.saturating_add(i64::try_from(span.0).unwrap_or(i64::MAX));
    SystemClock.sleep_until(Timestamp::from_second(until).unwrap_or(Timestamp::MAX)).await;
}

/// What has been told already: an alarm, and something that cannot be looked at, once while it stays.
#[derive(Default)]
struct Told {
    alarms: BTreeSet<(ProjectSlug, &'static str, String)>,
    unseen: BTreeSet<String>,
}

impl Told {
    fn new_in<'s>(&mut self, sight: &'s Sight) -> Vec<&'s Raised> {
        let now: BTreeSet<_> = sight.raised.iter().map(Raised::key).collect();
        let new = sight.raised.iter().filter(|raised| !self.alarms.contains(&raised.key())).collect();
        self.alarms = now;
        new
    }

    fn gaps(&mut self, sight: &Sight, printer: Printer) {
        let now: BTreeSet<String> = sight.unseen.iter().map(told::gap).collect();
        for new in now.difference(&self.unseen) {
            printer.note(&format!("warning: {new}"));
        }
        self.unseen = now;
    }
}

fn failed(cause: &Cause) -> Failure {
    Failure::unseen(format!("errors cannot be counted: {cause}"), cause)
}
