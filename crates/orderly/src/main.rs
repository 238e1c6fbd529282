//! Orderly turns production errors into tracked, fixed and learned-from work.
//!
//! This crate is the only place that builds adapters and prints:
//! - [`cli`]: arguments. [`config`]: settings and credentials.
//! - [`commands`]: one file a command.
//! - [`access`], [`clients`], [`ledger`], [`clock`]: the adapters, built from the settings.
//! - [`discover`]: what a project folder tells. [`output`]: printing. [`failure`]: how a command fails, and its exit code.

mod access;
mod channels;
mod cli;
mod clients;
mod clock;
mod commands;
mod config;
mod discover;
mod failure;
mod ledger;
mod no_tracker;
mod output;
#[cfg(test)]
mod references;

use clap::Parser;
use cli::Cli;
use mimalloc::MiMalloc;
use output::printer::Printer;
use std::process::ExitCode;

/// An event that is sent to `orderly local` is hundreds of small pieces, made by one thread and often let go by another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(&cli.global);
    log_to_stderr(cli.global.verbose);
    match commands::run(cli, printer) {
        Ok(code) => code,
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

/// The log: warnings by default, what was asked for with `-vv`, and what `RUST_LOG` says over both.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "warn",
        2 => "orderly=debug,orderly_engine=debug,orderly_connect=debug,orderly_local=debug,warn",
        // What lies below the requests may show their addresses, and those of webhooks are secrets.
        _ => "trace,h2=info,hyper=info,hyper_util=info,reqwest=info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
