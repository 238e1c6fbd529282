//! Builds the ports and gathers.

use crate::clients;
use crate::commands::locate;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use crate::output::progress::Progress;
use orderly_connect::git::Git;
use orderly_core::answer::Looked;
use orderly_core::time::Now;
use orderly_core::triage::Gathered;
use orderly_engine::locate::LocateJob;
use orderly_engine::ports::sentry::SentryRead as _;
use orderly_engine::ports::triage::TriageScope;
use orderly_engine::sync::asked_environments;
use orderly_engine::triage::{Head, Refused, Step, TriageJob, TriagePorts};

/// Gathers what is unresolved.
///
/// # Errors
/// An access failure when the credentials do not reach what is configured; an incomplete one when Sentry does not answer.
pub async fn gather(config: &Config, now: Now, printer: Printer) -> Result<Gathered, Failure> {
    let settings = &config.settings;
    let sentry = clients::sentry(config).await?;
    // Outside of a repository nothing is known to be fixed on HEAD, which hides nothing.
    let git = Git::open(&config.dir).await.ok();
    let maps = locate::maps(config);
    let shown = Progress::new(printer);
    let watch = |step: Step| match step {
        Step::Listed(issues) => shown.step(&format!("read {issues} unresolved issues")),
        Step::LookedAt { done, of } if done == of => shown.step(&format!("looked closer at {of}")),
        Step::LookedAt { .. } => {}
    };
    let mut scope = TriageScope {
        projects: settings.projects.clone(),
        environments: Vec::new(),
        window: settings.triage.window,
        sort: settings.triage.sort,
        page: settings.triage.page,
    };
    if !settings.triage.environments.is_empty() {
        scope.environments = match sentry.environments().await {
            Looked::Saw(exist) => {
                asked_environments(&settings.triage.environments, &exist).map_err(|gap| {
                    Failure::new(Kind::Usage, gap.what)
                        .hint("`triage.environments` and --environment name environments")
                })?
            }
            Looked::CouldNotLook(cause) => return Err(failed(&Refused::Access(cause))),
        };
    }
    let job = TriageJob {
        ports: TriagePorts {
            sentry: &sentry,
            crash: &sentry,
            head: git.as_ref().map(|git| Head {
                history: git,
                locate: LocateJob {
                    sentry: &sentry,
                    code: git,
                    maps: &maps,
                    mappings: &settings.code_mappings,
                    window: settings.triage.window,
                },
            }),
        },
        scope: &scope,
        policy: &settings.triage.policy,
        most: settings.triage.most,
        closer: settings.triage.closer,
        watch: &watch,
    };
    let gathered = job.run(now).await.map_err(|refused| failed(&refused));
    shown.finish();
    gathered
}

fn failed(refused: &Refused) -> Failure {
    let cause = match refused {
        Refused::Access(cause) | Refused::List(cause) => cause,
    };
    Failure::unseen(refused.to_string(), cause)
}
