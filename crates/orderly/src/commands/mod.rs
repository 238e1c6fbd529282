//! One file a command; here only which one runs.

mod ask;
mod demo;
mod doctor;
mod eval;
mod fix;
mod history;
mod incident;
mod init;
mod local;
mod locate;
mod manual;
mod mcp;
mod own_history;
mod reports;
mod repository;
mod scope;
mod skills;
mod status;
mod sync;
mod tracked;
mod triage;
mod undo;
mod verify;
mod watch;

use crate::cli::{Cli, Command, Eval};
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use orderly_engine::sync::CancelSwitch;
use std::future::Future;
use std::process::ExitCode;

/// Runs what was asked for.
///
/// # Errors
/// The failure to be told; its kind is the exit code.
pub fn run(cli: Cli, printer: Printer) -> Result<ExitCode, Failure> {
    let Cli { global, command } = cli;
    match command {
        None => block_on(status::run(&global, printer)),
        Some(Command::Demo(demo)) => block_on(demo::run(demo, printer)),
        Some(Command::Init(init)) => block_on(init::run(&global, init, printer)),
        Some(Command::Doctor(scope)) => block_on(doctor::run(&global, scope, printer)),
        Some(Command::Local(local)) => block_on(local::run(local, printer)),
        Some(Command::Sync(sync)) => block_on(sync::run(&global, sync, printer)),
        Some(Command::Apply(apply)) => block_on(sync::apply(&global, apply, printer)),
        Some(Command::Triage(triage)) => block_on(triage::run(&global, triage, printer)),
        Some(Command::Fix(fix)) => block_on(fix::run(&global, fix, printer)),
        Some(Command::Incident(incident)) => block_on(incident::run(&global, incident, printer)),
        Some(Command::Verify(verify)) => block_on(verify::run(&global, verify, printer)),
        Some(Command::Watch(watch)) => block_on(watch::run(&global, watch, printer)),
        Some(Command::Locate(locate)) => block_on(locate::run(&global, locate, printer)),
        Some(Command::Mcp(mcp)) => block_on(mcp::run(&global, mcp, printer)),
        Some(Command::History(history)) => block_on(history::run(&global, history, printer)),
        Some(Command::Undo(undo)) => block_on(undo::run(&global, undo, printer)),
        Some(Command::Eval(Eval { own: true, task, scope, .. })) => {
            block_on(own_history::run(&global, task, scope, printer))
        }
        Some(Command::Eval(eval)) => eval::run(&eval, printer),
        Some(Command::Completions { shell }) => manual::completions(shell, printer),
        Some(Command::Man) => manual::page(printer),
    }
}

/// Runs the async part of a command on a small runtime.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(Kind::Incomplete, "the async runtime cannot be started").because(&error)
        })?
        .block_on(work)
}

/// Resolves when the user or the system asks the program to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without signals there is nothing to wait for; a command then ends only when its work does.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Runs the work to its end. The first Ctrl-C asks it to stop at its next safe point, the second one ends the program:
/// the journal holds what the next run needs.
async fn until_done<T>(work: impl Future<Output = T>, switch: &CancelSwitch, printer: Printer) -> T {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = interrupted() => {}
    }
    printer.note("stopping at the next safe point; Ctrl-C again stops at once, and the next run goes on from the journal");
    switch.stop();
    tokio::select! {
        done = work => done,
        () = interrupted() => {
            #[expect(clippy::exit, reason = "a person asked twice; every intent is durable already")]
            std::process::exit(130)
        }
    }
}
