//! The people of an incident under names that are nobody's address.

use crate::incident::command::same;
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::untrusted::Untrusted;

/// Who is called what. Whoever is the same to the rules of command stays the same, and nobody else becomes them.
#[derive(Default)]
pub(super) struct Cast(Vec<Known>);

struct Known {
    /// As the log names them.
    as_named: Vec<Assignee>,
    /// As the recording does.
    called: Assignee,
}

impl Cast {
    /// The name of somebody.
    pub fn called(&mut self, who: &Assignee, scrubber: &Scrubber) -> Assignee {
        let is_known = |known: &Known| known.as_named.iter().any(|named| same(named, who));
        if let Some(known) = self.0.iter_mut().find(|known| is_known(known)) {
            if !known.as_named.contains(who) {
                known.as_named.push(who.clone());
            }
            return known.called.clone();
        }
        let called = self.new_name(who, scrubber);
        self.0.push(Known { as_named: vec![who.clone()], called: called.clone() });
        called
    }

    fn new_name(&self, who: &Assignee, scrubber: &Scrubber) -> Assignee {
        let name = match who {
            Assignee::User { name, .. } => name.split_once('@').map_or(name.as_str(), |(before, _)| before),
            Assignee::Team { slug } => slug,
        };
        let clean = scrubber.scrub(&Untrusted::from(name)).as_str().trim().to_owned();
        let clean = if clean.is_empty() { "somebody".to_owned() } else { clean };
        let of = |name: String| match who {
            Assignee::User { .. } => Assignee::User { name, email: None },
            Assignee::Team { .. } => Assignee::Team { slug: name },
        };
        let is_taken = |called: &Assignee| self.0.iter().any(|known| known.called == *called);
        let numbered = (2..).map(|number: u32| of(format!("{clean} ({number})")));
        let mut names = std::iter::once(of(clean.clone())).chain(numbered);
        names.find(|called| !is_taken(called)).expect("there are more numbers than people")
    }
}
