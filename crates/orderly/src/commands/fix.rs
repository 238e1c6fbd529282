//! `orderly fix`: from approved issues to verified commits.
//!
//! Reading order: [`run`] -> `chosen` (what is worked on, and what a person says of it) -> [`Repairs`] (what a run uses) ->
//! `follow` (progress) -> `told` (what it came to). `clean` is for what runs left behind.

mod chosen;
mod clean;
mod follow;
mod repairs;
mod told;

use super::repository::Apart;
use super::scope::configure;
use super::until_done;
use crate::cli::{Fix, Global};
use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::output::printer::Printer;
use crate::output::progress::Progress as Shown;
use chosen::Chosen;
pub use chosen::unseen;
use follow::Follower;
pub use follow::words;
use orderly_core::encode::terminal;
use orderly_engine::fix::Want;
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::sync::CancelSwitch;
pub use repairs::Repairs;
use std::process::ExitCode;
pub use told::{as_json, summary};

/// `orderly fix`
pub async fn run(global: &Global, fix: Fix, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, fix.scope.clone(), |_| {})?;
    if fix.clean {
        return clean::run(&config, printer).await;
    }
    let site = config.settings.site()?;
    let wanted = Chosen::read(&config, &fix, &site, SystemClock.now())?;
    let ignore = chosen::names(&fix.ignore, &site)?;
    let apart = if fix.unsandboxed { Apart::NotNeeded } else { Apart::Wanted };
    let repairs = Repairs::open(&config, apart).await?;
    let agent = repairs.programs.agent(&config, fix.agent.as_deref())?;
    let follower = Follower { shown: Shown::new(printer) };
    let (switch, cancel) = CancelSwitch::new();
    let job = repairs.job(agent.as_ref()).watched_by(&follower).until(cancel);
    let want = if fix.anyway { Want::Anyway } else { Want::AsFound };
    let Some(prepared) = wanted.look(&config, &job, want, printer).await? else {
        repairs.close().await;
        return told::nothing_chosen(printer);
    };
    let prepared = chosen::ignored(prepared, &ignore)?;
    let staged = repairs.staged_by_people().await?;
    if !staged.is_empty() {
        let staged: Vec<String> = staged.iter().map(|path| terminal::visible(path)).collect();
        printer.note(&format!("staged already, and left alone: {}", staged.join(", ")));
    }
    let record = repairs.begin(prepared.plan()).await?;
    let done = until_done(job.run(&repairs.run, &prepared, &repairs.checks), &switch, printer).await;
    follower.shown.finish();
    let told = repairs.end(record, done, prepared).await?;
    told.tell(&config, &repairs.site, &repairs.scrubber, printer)
}
