//! What an agent may do that asks first. It asks in words of its own choice, so a permission gives it nothing that its
//! sandbox and the gates behind it would not let through anyway.

use super::change::is_odd;
use super::policy::Zones;
use std::fmt;

/// What an agent wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Look at files, search them, think about them.
    Look,
    /// Write, move or remove files.
    Change,
    /// Run a program.
    Run,
    /// Ask something of the network.
    Fetch,
    /// Something that has no word here.
    Other,
}

/// Where it wants to do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A path relative to its worktree, with `/`.
    Inside(String),
    /// Anywhere else.
    Outside,
}

/// Whether something is there to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// It is.
    Given,
    /// It is not.
    Withheld,
}

/// Within which bounds an agent works.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Where nothing is changed.
    pub zones: Zones,
    /// Programs: given to one that is kept apart from the machine.
    pub programs: Grant,
    /// The network.
    pub network: Grant,
}

/// Why an agent may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It lies outside the worktree.
    Outside,
    /// No source file has such a path.
    Odd,
    /// It is protected.
    Protected {
        /// What is protected there.
        zone: String,
    },
    /// It does not say where, and nothing else keeps it in its place.
    Nowhere,
    /// It may not run programs.
    Programs,
    /// It may not use the network.
    Network,
    /// Nobody knows what it would be.
    Unknown,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => f.write_str("it lies outside the worktree"),
            Self::Odd => f.write_str("no source file has such a path"),
            Self::Protected { zone } => write!(f, "it is protected ({zone}); a change there ends the case"),
            Self::Nowhere => f.write_str("it does not say which files"),
            Self::Programs => f.write_str("programs run only where they are kept apart from the machine"),
            Self::Network => f.write_str("there is no network"),
            Self::Unknown => f.write_str("only reading, changing and running are permitted"),
        }
    }
}

impl Bounds {
    /// Why a deed is refused; `None` when it is permitted. `places` is everything that it touches, as far as it says.
    pub fn refusal(&self, deed: Deed, places: &[Place]) -> Option<Refusal> {
        let withheld = |grant, refusal| (grant == Grant::Withheld).then_some(refusal);
        match deed {
            Deed::Look => places.iter().find_map(|place| self.at(deed, place)),
            Deed::Change if places.is_empty() => withheld(self.programs, Refusal::Nowhere),
            Deed::Change => places.iter().find_map(|place| self.at(deed, place)),
            Deed::Run => withheld(self.programs, Refusal::Programs),
            Deed::Fetch => withheld(self.network, Refusal::Network),
            Deed::Other => Some(Refusal::Unknown),
        }
    }

    fn at(&self, deed: Deed, place: &Place) -> Option<Refusal> {
        match place {
            Place::Outside => Some(Refusal::Outside),
            Place::Inside(path) if is_odd(path) => Some(Refusal::Odd),
            Place::Inside(path) if deed == Deed::Change => {
                self.zones.of(path).map(|zone| Refusal::Protected { zone: zone.why.clone() })
            }
            Place::Inside(_) => None,
        }
    }
}
