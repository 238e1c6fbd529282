//! Running the commands that end an impact: exactly the words of the log, no shell, an environment of their own, a time and
//! an amount of output. They reach production, so nothing keeps them apart from the network or from this machine.

use crate::repair::{Limits, Program, Sandbox, SandboxSettings, tail};
use async_trait::async_trait;
use orderly_core::fix::Outcome;
use orderly_core::incident::mitigation::{Order, Run};
use orderly_engine::ports::incident::Hands;
use std::ffi::OsString;
use std::path::PathBuf;

/// How much of the end of an output is kept.
const TAIL: usize = 2000;

/// Runs commands in a folder.
#[derive(Clone, Debug)]
pub struct CommandHands {
    /// The folder.
    pub folder: PathBuf,
    /// Names of variables that are passed on, beside those that find programs and the home folder. Credentials only if they
    /// are named here.
    pub variables: Vec<String>,
    /// Limits of one command.
    pub limits: Limits,
}

#[async_trait]
impl Hands for CommandHands {
    async fn carry_out(&self, order: &Order) -> Run {
        let argv = match order {
            Order::Command { argv } => argv.words().iter().map(OsString::from).collect(),
            Order::Repair { .. } | Order::ByHand => {
                return ran(Outcome::NotStarted { why: format!("{order} is no command") }, &[]);
            }
        };
        let settings = SandboxSettings { variables: self.variables.clone(), ..SandboxSettings::default() };
        let environment = Sandbox::None.environment(&settings);
        let program = Program { argv, folder: self.folder.clone(), environment, input: Vec::new() };
        let (outcome, printed) = program.run(self.limits).await.outcome();
        ran(outcome, &printed)
    }
}

/// How a command ended, with the end of what it printed.
pub fn ran(outcome: Outcome, printed: &[u8]) -> Run {
    Run { outcome, output: orderly_core::digest::of_bytes(printed), tail: tail(printed, TAIL) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use orderly_core::incident::mitigation::{Template, Values};
    use std::time::Duration;

    fn order(words: &[&str]) -> Order {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let argv = Template::parse(&words).unwrap().fill(&Values::default()).unwrap();
        Order::Command { argv }
    }

    fn hands(time: Duration) -> CommandHands {
        let limits = Limits { time, output: 10_000 };
        CommandHands { folder: std::env::temp_dir(), variables: Vec::new(), limits }
    }

    #[tokio::test]
    async fn a_command_gets_its_words_as_they_are_and_no_credentials() {
        let hands = hands(Duration::from_secs(20));
        let said = hands.carry_out(&order(&["echo", "a  b", "$HOME", ";", "*"])).await;
        assert_eq!((said.outcome, said.tail.as_raw_str()), (Outcome::Passed, "a  b $HOME ; *\n"));
        let environment = hands.carry_out(&order(&["env"])).await;
        assert!(!environment.tail.as_raw_str().contains("CARGO_MANIFEST_DIR"), "{environment:?}");
        let failed = hands.carry_out(&order(&["false"])).await;
        assert_eq!(failed.outcome, Outcome::Failed { code: Some(1) });
        let none = hands.carry_out(&order(&["no-such-program-of-orderly"])).await;
        assert!(matches!(none.outcome, Outcome::NotStarted { .. }));
    }

    #[tokio::test]
    async fn a_command_that_does_not_end_is_stopped() {
        let ran = hands(Duration::from_millis(50)).carry_out(&order(&["sleep", "60"])).await;
        assert_eq!(ran.outcome, Outcome::TimedOut);
    }
}
