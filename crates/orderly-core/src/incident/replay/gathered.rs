//! What was gathered, without what may not leave. Where errors came from and whom they were about is told apart by
//! stand-ins, as the signs of an attack need it.

use crate::answer::Cause;
use crate::incident::review::Evidence;
use crate::investigate::{Changed, ChangedWhat, Known, Own, says_who};
use crate::scrub::Scrubber;
use crate::untrusted::Untrusted;
use crate::watch::Seen;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

/// Addresses that are nobody's (RFC 3849).
const DOCUMENTATION: u128 = 0x2001_0db8 << 96;

/// Takes out what may not leave.
#[derive(Clone, Copy)]
pub(super) struct Clean<'a> {
    pub scrubber: &'a Scrubber,
}

impl Clean<'_> {
    /// A text of the program's own types.
    pub fn string(&self, text: &str) -> String {
        self.scrubber.scrub(&Untrusted::from(text)).as_str().to_owned()
    }

    /// Why something could not be looked at: what a server said may be in it.
    pub fn cause(&self, cause: Cause) -> Cause {
        match cause {
            Cause::Access(text) => Cause::Access(self.string(&text)),
            Cause::NoReply(text) => Cause::NoReply(self.string(&text)),
            Cause::Missing(text) => Cause::Missing(self.string(&text)),
            Cause::NoInput(text) => Cause::NoInput(self.string(&text)),
            cause @ (Cause::MorePages | Cause::RateLimited) => cause,
        }
    }

    /// What a watch saw.
    pub fn seen(&self, mut seen: Seen) -> Seen {
        for issue in &mut seen.fresh {
            self.text(&mut issue.title);
            self.version(&mut issue.release);
        }
        for alert in &mut seen.alerts {
            self.text(&mut alert.title);
        }
        for unseen in &mut seen.unseen {
            unseen.what = self.string(&unseen.what);
            unseen.cause = self.cause(unseen.cause.clone());
        }
        seen
    }

    /// What a review rests on.
    pub fn evidence(&self, mut evidence: Evidence) -> Evidence {
        for change in &mut evidence.changes {
            self.version(&mut change.what);
        }
        for pattern in &mut evidence.patterns {
            self.text(&mut pattern.kind);
            self.text(&mut pattern.transaction);
            self.version(&mut pattern.release);
        }
        self.gaps(&mut evidence.unseen);
        evidence
    }

    /// What an investigation rests on.
    pub fn known(&self, mut known: Known) -> Known {
        for lead in &mut known.leads {
            self.text(&mut lead.title);
            lead.first_release.iter_mut().for_each(|release| self.version(release));
            self.frames(&mut lead.frames);
        }
        known.changes.iter_mut().for_each(|change| self.change(change));
        for neighbour in &mut known.neighbours {
            self.text(&mut neighbour.title);
            neighbour.shared_traces.iter_mut().for_each(|id| self.trace_id(id));
            self.frames(&mut neighbour.frames);
        }
        known.shared_releases.iter_mut().for_each(|shared| self.version(&mut shared.release));
        known.trace_ids.iter_mut().for_each(|id| self.trace_id(id));
        for trace in &mut known.traces {
            self.trace_id(&mut trace.id);
            for span in &mut trace.spans {
                for text in [&mut span.transaction, &mut span.op, &mut span.description, &mut span.status] {
                    self.text(text);
                }
            }
        }
        // Nothing is decided from a tag that only says whose event it is.
        known.tags.retain(|tag| !says_who(tag.key.as_raw_str()));
        for tag in &mut known.tags {
            self.text(&mut tag.key);
            match tag.key.as_raw_str() {
                "release" | "dist" | "environment" => self.version(&mut tag.value),
                _ => self.text(&mut tag.value),
            }
        }
        known.flags.iter_mut().for_each(|flag| self.text(&mut flag.flag));
        stand_ins(&mut known);
        self.gaps(&mut known.gaps);
        known
    }

    fn change(&self, change: &mut Changed) {
        change.by.iter_mut().for_each(|by| self.text(by));
        match &mut change.what {
            ChangedWhat::Deploy(deployed) => {
                self.version(&mut deployed.release);
                deployed.environment.iter_mut().for_each(|environment| self.version(environment));
                deployed.commits.iter_mut().for_each(|commit| self.text(commit));
                deployed.files.iter_mut().flatten().for_each(|file| self.text(file));
            }
            ChangedWhat::Flag { flag, action } => {
                self.text(flag);
                self.text(action);
            }
            ChangedWhat::Setting { event, note } => {
                self.text(event);
                self.text(note);
            }
        }
    }

    fn frames(&self, frames: &mut [Own]) {
        for own in frames {
            own.frame.place = self.string(&own.frame.place);
            own.frame.function = self.string(&own.frame.function);
            own.path = own.path.as_deref().map(|path| self.string(path));
        }
    }

    /// Ids of traces are drawn at random, and join what one request did; anything else is a text.
    fn trace_id(&self, id: &mut String) {
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            *id = self.string(id);
        }
    }

    fn gaps(&self, gaps: &mut [(String, Cause)]) {
        for (what, cause) in gaps {
            *what = self.string(what);
            *cause = self.cause(cause.clone());
        }
    }

    fn text(&self, text: &mut Untrusted<String>) {
        *text = Untrusted::new(self.scrubber.scrub(text).as_str().to_owned());
    }

    fn version(&self, text: &mut Untrusted<String>) {
        *text = Untrusted::new(self.scrubber.scrub_version(text).as_str().to_owned());
    }
}

/// Each address and each account becomes another that stands for it alone, in the same order.
fn stand_ins(known: &mut Known) {
    let before = known.sources_before.iter().copied();
    let mut addresses: BTreeMap<IpAddr, IpAddr> =
        known.sources.iter().map(|source| source.address).chain(before).map(|one| (one, one)).collect();
    for (number, stand_in) in (1..).zip(addresses.values_mut()) {
        *stand_in = IpAddr::V6(Ipv6Addr::from(DOCUMENTATION | number));
    }
    let accounts = known.sources.iter().filter_map(|source| source.account.clone());
    let mut accounts: BTreeMap<Untrusted<String>, usize> = accounts.map(|account| (account, 0)).collect();
    for (number, stand_in) in (1..).zip(accounts.values_mut()) {
        *stand_in = number;
    }
    let address_of = |address: &mut IpAddr| {
        *address = addresses.get(address).copied().unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    };
    known.sources_before.iter_mut().for_each(address_of);
    for source in &mut known.sources {
        address_of(&mut source.address);
        source.account = source
            .account
            .as_ref()
            .and_then(|account| accounts.get(account))
            .map(|number| Untrusted::new(format!("account {number}")));
    }
}
