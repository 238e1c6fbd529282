//! The client as the agent of a run of repairs: the run hands over its case file and waits, and it waits again before the
//! commit and before Sentry is told.
//!
//! The run itself is the one of `orderly fix`: every gate is its own. Here is only who is waited for.

use crate::commands::fix::{as_json, words};
use async_trait::async_trait;
use orderly_core::digest;
use orderly_core::fix::{Arrived, Case, Effect, Receipt, Stage};
use orderly_core::ids::{CommitId, Digest};
use orderly_engine::fix::{FixProgress, FixWatch, Pace};
use orderly_engine::ports::repair::{Agent, Trouble};
use orderly_serve::mcp::Refusal;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// How long a call waits until the run comes to where the client is needed: clients give calls up after a minute.
const PATIENCE: Duration = Duration::from_secs(40);

/// Where a run stands.
#[derive(Clone, Debug)]
pub(super) enum Stand {
    /// It is at something.
    Working(String),
    /// The client is asked for a change.
    Change(Asked),
    /// The checks are green: the client says when the commit is made.
    Commit(Green),
    /// The commit is where it counts: the client says when Sentry is told.
    Resolve(Landed),
    /// It is over, with what it came to.
    Over(Result<Value, Refusal>),
}

/// A change that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub case: Brief,
    pub attempt: u32,
    /// What was wrong with the attempt before.
    pub wrong: Option<String>,
    pub folder: PathBuf,
    pub file: String,
    pub digest: Digest,
}

/// A change that is proven.
#[derive(Clone, Debug)]
pub(super) struct Green {
    pub case: Brief,
    pub receipt: Receipt,
    pub files: Vec<String>,
}

/// A commit that counts.
#[derive(Clone, Debug)]
pub(super) struct Landed {
    pub case: Brief,
    pub arrived: Arrived,
}

/// What a case is about.
#[derive(Clone, Debug)]
pub(super) struct Brief {
    pub short_ids: Vec<String>,
    pub permalink: String,
    pub branch: String,
}

impl Brief {
    fn of(case: &Case) -> Self {
        Self {
            short_ids: case.short_ids().map(ToString::to_string).collect(),
            permalink: case.permalink.clone(),
            branch: case.branch.clone(),
        }
    }
}

/// What stands between the run and its client.
pub(super) struct Handover {
    stand: watch::Sender<Stand>,
    shared: Mutex<Shared>,
    /// For one attempt.
    time: Duration,
}

#[derive(Default)]
struct Shared {
    /// Who is waited for: the digest that has to be named, and where the word goes.
    turn: Option<(String, oneshot::Sender<String>)>,
    /// The case that is asked about next.
    asked: Option<(Brief, u32, Option<String>)>,
    /// The commit that Sentry may be told of.
    told: Option<CommitId>,
    /// Cases that are over, which the client was not told yet.
    ended: Vec<Value>,
}

impl Handover {
    pub(super) fn new(time: Duration) -> Self {
        let (stand, _) = watch::channel(Stand::Working("looking at the issues".to_owned()));
        Self { stand, shared: Mutex::default(), time }
    }

    /// Where the run stands, once it waits for the client or is over; where it stands anyway, when that takes long.
    pub(super) async fn settled(&self) -> Stand {
        let mut watched = self.stand.subscribe();
        let settled = watched.wait_for(|stand| !matches!(stand, Stand::Working(_)));
        // Nothing is lost when the time is up: the next call looks again.
        let _late = tokio::time::timeout(PATIENCE, settled).await;
        self.now()
    }

    /// Where it stands.
    pub(super) fn now(&self) -> Stand {
        self.stand.borrow().clone()
    }

    /// Gives the word that is waited for. `false` when nothing waits for the word of this digest.
    pub(super) fn go(&self, digest: &str, word: String) -> bool {
        let mut shared = self.shared();
        let Some((_, waiting)) = shared.turn.take_if(|(wanted, _)| wanted == digest) else { return false };
        self.stand.send_replace(Stand::Working("going on".to_owned()));
        waiting.send(word).is_ok()
    }

    /// Cases that ended since this was asked last.
    pub(super) fn ended(&self) -> Vec<Value> {
        std::mem::take(&mut self.shared().ended)
    }

    /// The run is over.
    pub(super) fn over(&self, came_to: Result<Value, Refusal>) {
        self.shared().turn = None;
        self.stand.send_replace(Stand::Over(came_to));
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells where the run stands, and whose word it waits for.
    fn wait(&self, digest: &str, stand: Stand) -> oneshot::Receiver<String> {
        let (sender, receiver) = oneshot::channel();
        let mut shared = self.shared();
        shared.turn = Some((digest.to_owned(), sender));
        self.stand.send_replace(stand);
        receiver
    }
}

#[async_trait]
impl Agent for Handover {
    fn name(&self) -> &'static str {
        "the MCP client"
    }

    async fn ask(&self, folder: &Path, case_file: &str) -> Result<String, Trouble> {
        let asked = self.shared().asked.take();
        let (case, attempt, wrong) =
            asked.ok_or_else(|| Trouble("nobody said which case the client is asked about".to_owned()))?;
        let digest = digest::of_bytes(case_file.as_bytes());
        let (folder, file) = (folder.to_owned(), case_file.to_owned());
        let asked = Asked { case, attempt, wrong, folder, file, digest: digest.clone() };
        let answer = self.wait(digest.as_str(), Stand::Change(asked));
        let heard = tokio::time::timeout(self.time, answer).await;
        match heard {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(_)) => Err(Trouble("the MCP client was not waited for any more".to_owned())),
            Err(_) => {
                self.shared().turn = None;
                Err(Trouble(format!(
                    "the MCP client did not call `fix_check` within {} s",
                    self.time.as_secs()
                )))
            }
        }
    }
}

#[async_trait]
impl Pace for Handover {
    async fn ready(&self, case: &Case, effect: &Effect) {
        let brief = Brief::of(case);
        let (digest, stand) = match (effect, &case.stage) {
            (Effect::Ask { attempt, feedback, .. }, _) => {
                let wrong = feedback.last().map(|last| last.what.clone());
                self.shared().asked = Some((brief, *attempt, wrong));
                return;
            }
            (Effect::Commit { receipt, .. }, Stage::Proven { files, .. }) => {
                let (receipt, files) = (receipt.clone(), files.clone());
                (receipt.digest().to_string(), Stand::Commit(Green { case: brief, receipt, files }))
            }
            (Effect::Resolve { proof }, Stage::Resolving { arrived, .. })
                if self.shared().told.as_ref() != Some(proof.commit()) =>
            {
                let arrived = arrived.clone();
                (proof.commit().to_string(), Stand::Resolve(Landed { case: brief, arrived }))
            }
            _ => {
                self.stand.send_replace(Stand::Working(words(case, effect)));
                return;
            }
        };
        // Nobody is left to give the word when the run is over: it is cut off here by then.
        if self.wait(&digest, stand).await.is_err() {
            std::future::pending::<()>().await;
        }
        if let Effect::Resolve { proof } = effect {
            self.shared().told = Some(proof.commit().clone());
        }
    }
}

impl FixWatch for Handover {
    fn see(&self, progress: FixProgress<'_>) {
        if let FixProgress::Ended(case) = progress {
            self.shared().ended.push(as_json(case));
        }
    }
}
