//! Who carries out what was approved: the commands of the configuration, and `orderly fix` itself.

use super::super::desk::Desk;
use super::weigh::settings;
use async_trait::async_trait;
use orderly_connect::mitigation::{CommandHands, ran};
use orderly_connect::repair::Limits;
use orderly_core::fix::Outcome;
use orderly_core::incident::mitigation::{Order, Run};
use orderly_engine::ports::incident::Hands;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

/// How long a command may take whose option is no longer configured.
const TIME: Duration = Duration::from_secs(600);
/// How many bytes a command may print.
const OUTPUT: usize = 1 << 20;

/// The hands of this program.
pub(super) struct DeskHands {
    commands: CommandHands,
    /// The configuration file that was named, so that `orderly fix` reads the same.
    config: Option<PathBuf>,
}

impl DeskHands {
    /// Those for an option.
    pub(super) fn of(desk: &Desk, option: &str) -> Self {
        let settings = settings(desk, option);
        let time = settings.map_or(TIME, |settings| Duration::from_secs(settings.time.0));
        let folder = std::path::absolute(&desk.config().dir).unwrap_or_else(|_| desk.config().dir.clone());
        let variables = settings.map(|settings| settings.environment.clone()).unwrap_or_default();
        let commands = CommandHands { folder, variables, limits: Limits { time, output: OUTPUT } };
        Self { commands, config: desk.config().path.clone() }
    }

    /// `orderly fix` with this person's terminal and rights: it asks and checks as it always does.
    async fn repair(&self, short_id: &str) -> Run {
        let program = match std::env::current_exe() {
            Ok(program) => program,
            Err(error) => return ran(Outcome::NotStarted { why: error.to_string() }, &[]),
        };
        let mut command = tokio::process::Command::new(program);
        command.arg("fix");
        if let Some(config) = self.config.as_ref().and_then(|path| std::path::absolute(path).ok()) {
            command.arg("--config").arg(config);
        }
        command.args(["--", short_id]).current_dir(&self.commands.folder);
        command.stdin(Stdio::inherit()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let ended = match command.spawn() {
            Ok(child) => child.wait_with_output().await,
            Err(error) => return ran(Outcome::NotStarted { why: error.to_string() }, &[]),
        };
        match ended {
            Ok(output) if output.status.success() => ran(Outcome::Passed, &output.stdout),
            Ok(output) => ran(Outcome::Failed { code: output.status.code() }, &output.stdout),
            Err(_) => ran(Outcome::Failed { code: None }, &[]),
        }
    }
}

#[async_trait]
impl Hands for DeskHands {
    async fn carry_out(&self, order: &Order) -> Run {
        match order {
            Order::Repair { short_id, .. } => self.repair(short_id.as_str()).await,
            Order::Command { .. } | Order::ByHand => self.commands.carry_out(order).await,
        }
    }
}
