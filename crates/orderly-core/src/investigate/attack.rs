//! Whether somebody means harm: a reading of its own, because attacks have no deploy.

use super::inputs::{Known, Source};
use crate::incident::severity::Touch;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

/// Fewer errors whose source is known show no pattern.
const LEAST: usize = 20;
/// Accounts that one address of people tries on average at most.
const FEW_ACCOUNTS: f64 = 5.0;
/// Errors of one address of people at most, on average.
const FEW_TRIES: f64 = 5.0;
/// So many of the errors come from addresses that had none before.
const MOSTLY_NEW: f64 = 0.8;
/// Addresses that are named.
const MOST: usize = 20;

/// What the sources of an incident's errors show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attack {
    /// The pattern that says that security is touched.
    pub touched: String,
    /// Errors whose source is known, in the sample.
    pub known: usize,
    /// Addresses they came from.
    pub addresses: usize,
    /// The addresses with most errors, with their number.
    pub leading: Vec<(IpAddr, usize)>,
    /// Accounts they were about.
    pub accounts: usize,
    /// What people do not do.
    pub signals: Vec<Signal>,
}

/// Something that people who only forgot their password do not do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// An address tries many accounts.
    ManyAccounts {
        /// On average.
        each: f64,
    },
    /// An address fails again and again.
    ManyTries {
        /// On average.
        each: f64,
    },
    /// The addresses had no such errors before.
    NewAddresses {
        /// Part of the errors, 0 to 1.
        share: f64,
    },
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ManyAccounts { each } => write!(f, "{each:.0} accounts from each address"),
            Self::ManyTries { each } => write!(f, "{each:.0} errors from each address"),
            Self::NewAddresses { share } => {
                write!(f, "{:.0} % of the errors from addresses that had none before", 100.0 * share)
            }
        }
    }
}

impl Attack {
    /// Whether it is probably an attack: two things that people do not do.
    pub const fn is_likely(&self) -> bool {
        self.signals.len() >= 2
    }
}

/// The reading, where security is touched at all.
pub(super) fn attack(known: &Known) -> Option<Attack> {
    let touched = known.touches.get(&Touch::Security)?.clone();
    let mut by_address: BTreeMap<IpAddr, usize> = BTreeMap::new();
    let mut accounts = BTreeSet::new();
    let mut pairs = BTreeSet::new();
    for Source { address, account } in &known.sources {
        *by_address.entry(*address).or_default() += 1;
        if let Some(account) = account {
            accounts.insert(account);
            pairs.insert((*address, account));
        }
    }
    let (all, addresses) = (known.sources.len(), by_address.len());
    let each = |count: usize| count as f64 / addresses.max(1) as f64;
    let before: BTreeSet<IpAddr> = known.sources_before.iter().copied().collect();
    let new: usize =
        by_address.iter().filter(|(address, _)| !before.contains(*address)).map(|(_, count)| count).sum();
    let mut signals = Vec::new();
    if all >= LEAST {
        if each(pairs.len()) > FEW_ACCOUNTS {
            signals.push(Signal::ManyAccounts { each: each(pairs.len()) });
        }
        if each(all) > FEW_TRIES {
            signals.push(Signal::ManyTries { each: each(all) });
        }
        if new as f64 >= MOSTLY_NEW * all as f64 {
            signals.push(Signal::NewAddresses { share: new as f64 / all as f64 });
        }
    }
    let mut leading: Vec<(IpAddr, usize)> = by_address.into_iter().collect();
    leading.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    leading.truncate(MOST);
    Some(Attack { touched, known: all, addresses, leading, accounts: accounts.len(), signals })
}
