//! From effect to port call: one match, and nothing decided here.

use super::cancel::Cancel;
use super::progress::{Progress, Watch};
use super::run::SyncPorts;
use crate::ports::ledger::{Lease, LedgerError};
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use orderly_core::sync::machine::{
    Effect, Event, Invalid, LeaseTerm, Machine, Outcome, Start, Step, StoreFailure,
};
use orderly_core::time::{Now, Seconds, Timestamp};

/// How long a run may be silent before another may take over.
pub(super) const LEASE: Seconds = Seconds(120);

/// Carries a plan out.
pub(super) struct Apply<'a> {
    pub(super) ports: SyncPorts<'a>,
    pub(super) watch: &'a dyn Watch,
    pub(super) cancel: &'a Cancel,
    pub(super) lease: Lease,
}

/// An answer, and the lease when it was renewed.
struct Heard {
    event: Event,
    lease: Option<Lease>,
}

impl Apply<'_> {
    /// The term that the machine is told.
    pub(super) const fn term(lease: &Lease) -> LeaseTerm {
        LeaseTerm { until: lease.until, length: LEASE }
    }

    /// Runs the machine to its end.
    ///
    /// # Errors
    /// [`Invalid`] when the machine would break an invariant. What was sent is in the journal; the next run goes on.
    pub(super) async fn run(&mut self, start: Start) -> Result<Outcome, Invalid> {
        let ports = self.ports;
        let cancel = self.cancel.clone();
        let mut under_way: FuturesUnordered<BoxFuture<'_, Heard>> = FuturesUnordered::new();
        let (mut machine, mut effects) = Machine::start(start, ports.clock.now())?;
        let mut stopping = Stopping::No;
        loop {
            for effect in effects {
                if let Effect::Finish(outcome) = effect {
                    return Ok(outcome);
                }
                self.tell(&effect);
                under_way.push(carry_out(ports, effect, self.lease.clone(), cancel.clone()));
            }
            let event = tokio::select! {
                Some(heard) = under_way.next() => {
                    if let Some(lease) = heard.lease {
                        self.lease = lease;
                    }
                    self.watch.see(Progress::Did(&heard.event));
                    heard.event
                }
                () = cancel.asked(), if stopping == Stopping::No => {
                    stopping = Stopping::Yes;
                    self.watch.see(Progress::Stopping);
                    Event::Interrupted
                }
            };
            effects = machine.handle(ports.clock.now(), event)?;
        }
    }

    fn tell(&self, effect: &Effect) {
        if let Effect::Wait { key, length } = effect {
            let until = after(self.ports.clock.now(), *length);
            self.watch.see(Progress::Waiting { issue: key.issue, until });
        } else {
            self.watch.see(Progress::Doing(effect));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopping {
    No,
    Yes,
}

fn carry_out<'a>(ports: SyncPorts<'a>, effect: Effect, lease: Lease, cancel: Cancel) -> BoxFuture<'a, Heard> {
    Box::pin(async move {
        let event = match effect {
            Effect::Store { entry } => {
                let answer = ports.ledger.record(&lease, &entry, ports.clock.now()).await;
                Event::Stored { answer: answer.map_err(failure), key: entry.key }
            }
            Effect::Read { key, item } => Event::Read { answer: ports.tracker.item(item).await, key },
            Effect::Create { order, proof } => {
                Event::CreateReplied { reply: ports.create.create(&order, &proof).await, key: order.key }
            }
            Effect::Attach { key, order } => {
                Event::Wrote { reply: ports.write.attach(&order).await, step: Step::Attach, key }
            }
            Effect::Comment { key, order } => {
                Event::Wrote { reply: ports.write.comment(&order).await, step: Step::Comment, key }
            }
            Effect::Move { key, item, state } => {
                Event::Wrote { reply: ports.write.move_to(item, &state).await, step: Step::Move, key }
            }
            Effect::Relate { key, item, predecessor } => {
                Event::Wrote { reply: ports.write.relate(item, predecessor).await, step: Step::Relate, key }
            }
            Effect::LinkBack { key, order } => {
                Event::LinkedBack { answer: ports.link.link_back(&order).await, key }
            }
            Effect::Wait { key, length } => {
                let until = after(ports.clock.now(), length);
                tokio::select! {
                    () = ports.clock.sleep_until(until) => {}
                    () = cancel.asked() => {}
                }
                Event::Waited { key }
            }
            Effect::RenewLease => return renew(ports, lease).await,
            // The loop takes it out before anything is carried out.
            Effect::Finish(_) => Event::Interrupted,
        };
        Heard { event, lease: None }
    })
}

async fn renew(ports: SyncPorts<'_>, lease: Lease) -> Heard {
    match ports.ledger.renew_lease(&lease, ports.clock.now(), LEASE).await {
        Ok(lease) => Heard { event: Event::LeaseRenewed { answer: Ok(lease.until) }, lease: Some(lease) },
        Err(error) => Heard { event: Event::LeaseRenewed { answer: Err(failure(error)) }, lease: None },
    }
}

fn failure(error: LedgerError) -> StoreFailure {
    match error {
        LedgerError::LeaseLost { holder, .. } => {
            StoreFailure::LeaseLost { holder: orderly_core::ids::RunId::new(holder) }
        }
        other => StoreFailure::Failed(other.to_string()),
    }
}

fn after(now: Now, length: Seconds) -> Timestamp {
    let seconds = i64::try_from(length.0).unwrap_or(i64::MAX);
    now.0.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
