//! The machine: several decisions side by side, one cap, one lease, one journal.

use super::budget::Budget;
use super::effect::{Effect, Event, LeaseTerm, StoreFailure};
use super::guard::{Guard, Invalid};
use super::intake::{Intake, Start, intake};
use super::outcome::{Outcome, Stop};
use super::task::{Shared, Task};
use crate::ids::TrackKey;
use crate::time::Now;
use std::collections::BTreeMap;

/// Decisions that are carried out side by side.
const WINDOW: usize = 4;

/// The state of an applied sync.
///
/// Made by [`Machine::start`]; every [`Effect`] but [`Effect::Finish`] is answered by exactly one [`Event`], in any
/// order. It never asks a clock: whoever drives it says what time it is.
#[derive(Clone, Debug)]
pub struct Machine {
    tasks: Vec<Task>,
    places: BTreeMap<TrackKey, usize>,
    shared: Shared,
    guard: Guard,
    lease: LeaseTerm,
    renewal: Renewal,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewal {
    NotDue,
    Asked,
    /// Just answered: the term is what the ledger gave, however short.
    Answered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Running,
    Finished,
}

impl Machine {
    /// Sets a run up and says what is to be done first.
    ///
    /// # Errors
    /// [`Invalid`] when plan and journal cannot belong together: a fault of Orderly.
    pub fn start(start: Start, now: Now) -> Result<(Self, Vec<Effect>), Invalid> {
        let Intake { tasks, approved } = intake(&start)?;
        let firsts = tasks.iter().filter(|task| task.wants_attempt()).count();
        let cap = start.plan.get().cap;
        let mut machine = Self {
            places: tasks.iter().enumerate().map(|(place, task)| (task.key().clone(), place)).collect(),
            tasks,
            shared: Shared {
                run: start.run,
                budget: Budget::new(cap, u32::try_from(firsts).unwrap_or(u32::MAX)),
                halt: None,
                interrupted: false,
                rate_limited: None,
                denied: BTreeMap::new(),
                ids_ignored: false,
                all_intended: false,
            },
            guard: Guard::new(cap, approved, &start.open),
            lease: start.lease,
            renewal: Renewal::NotDue,
            progress: Progress::Running,
        };
        let effects = machine.pump(now)?;
        Ok((machine, effects))
    }

    /// Takes one event in and says what is to be done next.
    ///
    /// # Errors
    /// [`Invalid`] when the event answers nothing, or when an invariant would break; nothing more may be done then.
    pub fn handle(&mut self, now: Now, event: Event) -> Result<Vec<Effect>, Invalid> {
        self.guard.observe(&event);
        match event {
            Event::Interrupted => self.shared.interrupted = true,
            Event::LeaseRenewed { answer } => {
                if self.renewal != Renewal::Asked {
                    return Err(Invalid::Unasked("the lease".to_owned()));
                }
                self.renewal = Renewal::Answered;
                match answer {
                    Ok(until) => self.lease.until = until,
                    Err(StoreFailure::LeaseLost { holder }) => {
                        self.shared.halt.get_or_insert(Stop::LeaseLost { holder });
                    }
                    Err(StoreFailure::Failed(why)) => {
                        self.shared.halt.get_or_insert(Stop::LedgerFailed(why));
                    }
                }
            }
            Event::Stored { ref key, .. }
            | Event::Read { ref key, .. }
            | Event::CreateReplied { ref key, .. }
            | Event::Wrote { ref key, .. }
            | Event::LinkedBack { ref key, .. }
            | Event::Waited { ref key } => {
                let Some(&place) = self.places.get(key) else {
                    return Err(Invalid::Unasked(key.issue.to_string()));
                };
                self.tasks[place].hear(event, &mut self.shared)?;
            }
        }
        self.pump(now)
    }

    /// Asks for everything that may be done now.
    fn pump(&mut self, now: Now) -> Result<Vec<Effect>, Invalid> {
        let mut effects = Vec::new();
        if self.progress == Progress::Finished || self.renewal == Renewal::Asked {
            return Ok(effects);
        }
        if self.renewal_is_due(now) {
            self.renewal = Renewal::Asked;
            effects.push(Effect::RenewLease);
            return Ok(effects);
        }
        self.renewal = Renewal::NotDue;
        self.shared.all_intended = self.tasks.iter().all(Task::is_intended);
        let begun = |task: &Task| task.has_begun();
        let waiting = |task: &Task| !task.has_begun();
        self.turn(begun, &mut effects)?;
        self.turn(waiting, &mut effects)?;
        if self.tasks.iter().all(Task::is_over) {
            self.progress = Progress::Finished;
            let finish = Effect::Finish(self.outcome());
            self.guard.admit(&finish)?;
            effects.push(finish);
        }
        if effects.is_empty() && !self.tasks.iter().any(Task::is_waiting) {
            return Err(Invalid::Stalled);
        }
        Ok(effects)
    }

    /// Gives the tasks that `whose` names their turn, as far as the window allows.
    fn turn(&mut self, whose: impl Fn(&Task) -> bool, effects: &mut Vec<Effect>) -> Result<(), Invalid> {
        let mut active = self.tasks.iter().filter(|task| task.is_waiting()).count();
        for task in self.tasks.iter_mut().filter(|task| whose(task)) {
            let stopping = self.shared.halt.is_some() || self.shared.interrupted;
            if task.is_waiting() || (active >= WINDOW && !stopping) {
                continue;
            }
            let asked = task.next(&mut self.shared);
            for effect in &asked {
                self.guard.admit(effect)?;
            }
            active += usize::from(!asked.is_empty());
            effects.extend(asked);
        }
        Ok(())
    }

    /// Half of the term is gone, and there is something left to do.
    fn renewal_is_due(&self, now: Now) -> bool {
        let half = self.lease.length.0 / 2;
        let left = u64::try_from(self.lease.until.as_second().saturating_sub(now.0.as_second())).unwrap_or(0);
        self.renewal == Renewal::NotDue
            && self.shared.halt.is_none()
            && left <= half
            && self.tasks.iter().any(|task| !task.is_over() && !task.is_waiting())
    }

    fn outcome(&self) -> Outcome {
        let ended: Vec<_> = self.tasks.iter().map(Task::ended).collect();
        let unfinished = ended.iter().any(|one| one.left.is_some());
        let stop = if let Some(halt) = &self.shared.halt {
            Some(halt.clone())
        } else if self.shared.interrupted && unfinished {
            Some(Stop::Interrupted)
        } else {
            self.shared.rate_limited.filter(|_| unfinished).map(|until| Stop::RateLimited { until })
        };
        Outcome { ended, attempts: self.shared.budget.spent(), stop }
    }
}
