//! `orderly sync` and `orderly apply`: the backlog sync, previewed or carried out.

use super::reports;
use super::scope::configure;
use super::tracked;
use super::until_done;
use crate::cli::{Apply, Global, Sync};
use crate::clients;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::no_tracker::NoTracker;
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress as Shown;
use orderly_connect::linear::LinearClient;
use orderly_connect::sentry::SentryClient;
use orderly_core::answer::Cause;
use orderly_core::sync::machine::Stop;
use orderly_core::sync::plan::Plan;
use orderly_core::sync::report::{LinkBackOutcome, Report, WriteOutcome};
use orderly_engine::ports::backlog::BacklogStore as _;
use orderly_engine::sync::{
    Applied, CancelSwitch, Previewed, Progress, SyncError, SyncJob, SyncPorts, SyncScope, Watch,
};
use orderly_store::SqlLedger;
use std::path::Path;
use std::process::ExitCode;

/// `orderly sync`
pub async fn run(global: &Global, sync: Sync, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, sync.scope, |overrides| {
        overrides.window = sync.window;
        overrides.pool = sync.limit;
        overrides.max_creates = sync.max_creates;
    })?;
    if sync.reread {
        forget_items(&config).await?;
    }
    if sync.apply {
        let applied = job(&config, printer, async |job| job.apply().await).await?;
        return tell_applied(&config, &applied, printer);
    }
    let previewed = preview(&config, printer).await?;
    tell_previewed(&config, &previewed, sync.save_plan.as_deref(), printer)
}

/// Forgets what is remembered of the tracker, so that this run reads all of it.
async fn forget_items(config: &Config) -> Result<(), Failure> {
    let (scope, teams) = tracked::backlog(config)?;
    let ledger = ledger::open(config).await?;
    let forgotten = ledger.forget_items(&scope, &teams).await;
    ledger.close().await;
    forgotten.map_err(|error| ledger::failed(&error))
}

/// `orderly apply PLAN`
pub async fn apply(global: &Global, apply: Apply, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, apply.scope, |_| {})?;
    let plan = read_plan(&apply.plan)?;
    let applied = apply_plan(&config, printer, plan).await?;
    tell_applied(&config, &applied, printer)
}

/// The adapters of a sync.
struct Adapters {
    sentry: SentryClient,
    tracker: Tracker,
    ledger: SqlLedger,
}

/// The tracker, or what stands in for it.
enum Tracker {
    Linear(LinearClient),
    Missing(NoTracker),
}

impl Adapters {
    async fn open(config: &Config, printer: Printer) -> Result<Self, Failure> {
        let sentry = clients::sentry(config).await?;
        let tracker = match clients::tracker(config) {
            Ok(client) => Tracker::Linear(client),
            Err(failure) if failure.kind == Kind::Access => {
                printer.note(&format!("{}: this run is a preview", failure.message));
                let step = failure.hints.first().cloned().unwrap_or_default();
                Tracker::Missing(NoTracker::because(format!("{}: {step}", failure.message)))
            }
            Err(failure) => return Err(failure),
        };
        Ok(Self { sentry, tracker, ledger: ledger::open(config).await? })
    }

    fn ports(&self) -> SyncPorts<'_> {
        let Self { sentry, tracker, ledger } = self;
        match tracker {
            Tracker::Linear(client) => SyncPorts {
                sentry,
                link: sentry,
                tracker: client,
                create: client,
                write: client,
                ledger,
                backlog: ledger,
                clock: &SystemClock,
            },
            Tracker::Missing(none) => SyncPorts {
                sentry,
                link: sentry,
                tracker: none,
                create: none,
                write: none,
                ledger,
                backlog: ledger,
                clock: &SystemClock,
            },
        }
    }
}

/// What a sync would do, for those who show it themselves.
///
/// # Errors
/// As `orderly sync`.
pub(super) async fn preview(config: &Config, printer: Printer) -> Result<Previewed, Failure> {
    job(config, printer, async |job| job.preview().await).await
}

/// Carries out a plan, for those who show what became of it themselves.
///
/// # Errors
/// As `orderly apply`.
pub(super) async fn apply_plan(config: &Config, printer: Printer, plan: Plan) -> Result<Applied, Failure> {
    job(config, printer, async |job| job.apply_saved(plan).await).await
}

/// Opens the adapters, works, and closes them.
async fn job<T>(
    config: &Config,
    printer: Printer,
    work: impl AsyncFnOnce(SyncJob<'_>) -> Result<T, SyncError>,
) -> Result<T, Failure> {
    let scope = SyncScope {
        team: config.settings.team()?,
        projects: config.settings.projects.clone(),
        environments: config.settings.environments.clone(),
    };
    // The first answers are awaited meanwhile. A thread of its own, because nothing waits for it at the end.
    std::thread::spawn(orderly_core::patterns::prepare);
    let adapters = Adapters::open(config, printer).await?;
    let follower = Follower { shown: Shown::new(printer) };
    let (switch, cancel) = CancelSwitch::new();
    let job = SyncJob::new(adapters.ports(), scope, config.settings.policy.clone())
        .watched_by(&follower)
        .until(cancel);
    let done = until_done(work(job), &switch, printer).await;
    follower.shown.finish();
    adapters.ledger.close().await;
    done.map_err(failed)
}

fn tell_previewed(
    config: &Config,
    previewed: &Previewed,
    save: Option<&Path>,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let Previewed { plan, report, .. } = previewed;
    show(config, report, printer)?;
    if let Some(path) = save {
        save_plan(path, plan)?;
        printer.note(&format!("the plan is saved: orderly apply {}", path.display()));
    }
    Ok(blind(plan).unwrap_or(ExitCode::SUCCESS))
}

fn tell_applied(config: &Config, applied: &Applied, printer: Printer) -> Result<ExitCode, Failure> {
    show(config, &applied.report, printer)?;
    if let Some(error) = &applied.unsaved {
        printer.note(&format!("the history does not hold this run: {error}"));
    }
    Ok(blind(&applied.plan).unwrap_or_else(|| completed(applied)))
}

fn show(config: &Config, report: &Report, printer: Printer) -> Result<(), Failure> {
    let kept = reports::keep(&config.state_dir(), report);
    match printer.format() {
        Format::Json => printer.json(report)?,
        Format::Text => printer.data(&report.markdown())?,
    }
    match kept {
        Ok(path) => printer.note(&format!("report: {}", path.display())),
        // The report was shown; a folder that cannot be written is told, and costs the run nothing else.
        Err(failure) => printer.failure_note(&failure),
    }
    Ok(())
}

/// The exit code of a run that could not see Sentry at all.
fn blind(plan: &Plan) -> Option<ExitCode> {
    if !plan.named.is_empty() {
        return None;
    }
    let access = plan.gaps.iter().any(|gap| matches!(gap.cause, Some(Cause::Access(_))));
    let kind = if access { Kind::Access } else { Kind::Incomplete };
    (!plan.gaps.is_empty()).then(|| ExitCode::from(kind.exit_code()))
}

/// 0 when everything that was decided is done; 3 when credentials kept it from being done; 4 when another run took
/// over; 1 otherwise, also when a service could not be asked.
fn completed(applied: &Applied) -> ExitCode {
    use orderly_core::sync::machine::Failure as Named;
    let items = applied.outcome.items();
    let denied =
        items.iter().any(|item| matches!(&item.write, WriteOutcome::Failed { failure: Named::Denied(_) }));
    let open = items.iter().any(|item| {
        matches!(item.write, WriteOutcome::Failed { .. } | WriteOutcome::Open { .. })
            || matches!(item.link_back, LinkBackOutcome::Waiting)
    });
    let no_access = applied.plan.gaps.iter().any(|gap| matches!(gap.cause, Some(Cause::Access(_))));
    let unasked = applied.plan.gaps.iter().any(|gap| gap.cause.is_some());
    match (&applied.outcome.stop, denied || no_access, open || unasked) {
        (_, true, _) => ExitCode::from(Kind::Access.exit_code()),
        (Some(Stop::LeaseLost { .. }), ..) => ExitCode::from(Kind::Refused.exit_code()),
        (Some(_), ..) | (None, _, true) => ExitCode::from(Kind::Incomplete.exit_code()),
        (None, false, false) => ExitCode::SUCCESS,
    }
}

fn failed(error: SyncError) -> Failure {
    match &error {
        SyncError::Busy { .. } => Failure::new(Kind::Refused, error.to_string()),
        SyncError::Ledger(error) => ledger::failed(error),
        SyncError::Refused(_) => Failure::new(Kind::Refused, error.to_string())
            .hint("make a new plan: orderly sync --save-plan FILE"),
        SyncError::Stopped => Failure::new(Kind::Incomplete, error.to_string()),
        SyncError::Fault(_) => Failure::new(Kind::Incomplete, error.to_string()),
    }
}

/// Reads a plan that was saved.
///
/// # Errors
/// A usage failure when it cannot be read or is none.
fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let wrong = |what: &str| Failure::new(Kind::Usage, format!("{} {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong("cannot be read").because(&error))?;
    serde_json::from_str(&text).map_err(|error| {
        wrong("is not a plan").because(&error).hint("a plan is what `orderly sync --save-plan FILE` wrote")
    })
}

/// Saves a plan, for its owner only.
///
/// # Errors
/// Names the file that cannot be written.
fn save_plan(path: &Path, plan: &Plan) -> Result<(), Failure> {
    let wrong = || Failure::new(Kind::Incomplete, format!("the plan cannot be saved to {}", path.display()));
    let text = serde_json::to_string_pretty(plan).map_err(|error| wrong().because(&error))?;
    reports::write_private(path, &text).map_err(|error| wrong().because(&error))
}

/// Shows what a run does.
struct Follower {
    shown: Shown,
}

impl Watch for Follower {
    fn see(&self, progress: Progress<'_>) {
        use orderly_core::sync::machine::Effect;
        let text = match progress {
            Progress::Searched { signal, issues: Some(issues) } => {
                format!("{}: {issues} issues", signal.query())
            }
            Progress::Searched { signal, issues: None } => format!("{}: could not be asked", signal.query()),
            Progress::Selected { issues, held } => {
                format!("looking closer at {issues} issues, {held} held back")
            }
            Progress::Compared { issues } => format!("asked the tracker for {issues} issues"),
            Progress::Indexed { items } => format!("{items} tracked items to compare with"),
            Progress::Decided { creates, links } => {
                format!("decided: {creates} to create, {links} to link or update")
            }
            Progress::Doing(Effect::Create { order, .. }) => {
                format!("creating the item for issue {}", order.key.issue)
            }
            Progress::Doing(Effect::LinkBack { key, .. }) => format!("linking back from issue {}", key.issue),
            Progress::Waiting { issue, until } => {
                format!("waiting until {} for issue {issue}", until.strftime("%T"))
            }
            Progress::Started { .. }
            | Progress::LookedAt { .. }
            | Progress::Doing(_)
            | Progress::Did(_)
            | Progress::Stopping => return,
        };
        self.shown.step(&text);
    }
}
