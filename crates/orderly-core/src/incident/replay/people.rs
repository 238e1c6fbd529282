//! The people of an incident under names that are nobody's address.

use crate::incident::command::same;
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::untrusted::Untrusted;

/// Who is called what. Whoever is the same to the rules of command stays the same, and nobody else becomes them.
pub(super) struct Cast(Vec<Known>);

struct Known {
    /// As the log names them.
    as_named: Vec<Assignee>,
    /// As the recording does.
    called: Assignee,
}

impl Cast {
    /// Everybody whom a log names, in its order.
    pub fn of(people: impl IntoIterator<Item = Assignee>, scrubber: &Scrubber) -> Self {
        let mut all: Vec<Vec<Assignee>> = Vec::new();
        for who in people {
            match all.iter_mut().find(|as_named| as_named.iter().any(|named| same(named, &who))) {
                Some(as_named) if as_named.contains(&who) => {}
                Some(as_named) => as_named.push(who),
                None => all.push(vec![who]),
            }
        }
        let mut cast = Self(Vec::new());
        for as_named in all {
            let called = cast.new_name(&as_named, scrubber);
            cast.0.push(Known { as_named, called });
        }
        cast
    }

    /// The name of somebody whom the log names.
    pub fn called(&self, who: &Assignee) -> Assignee {
        let known = self.0.iter().find(|known| known.as_named.contains(who));
        known.map_or_else(|| user("somebody".to_owned()), |known| known.called.clone())
    }

    /// The first name that is no address, or what stands before the `@` of one.
    fn new_name(&self, as_named: &[Assignee], scrubber: &Scrubber) -> Assignee {
        let names = || {
            as_named.iter().map(|who| match who {
                Assignee::User { name, .. } => name.as_str(),
                Assignee::Team { slug } => slug.as_str(),
            })
        };
        let name = names().find(|name| !name.contains('@')).or_else(|| names().next()?.split('@').next());
        let clean = scrubber.scrub(&Untrusted::from(name.unwrap_or_default())).as_str().trim().to_owned();
        let clean = if clean.is_empty() { "somebody".to_owned() } else { clean };
        let of = |name: String| match as_named.first() {
            Some(Assignee::Team { .. }) => Assignee::Team { slug: name },
            Some(Assignee::User { .. }) | None => user(name),
        };
        let is_taken = |called: &Assignee| self.0.iter().any(|known| known.called == *called);
        let numbered = (2..).map(|number: u32| of(format!("{clean} ({number})")));
        let mut names = std::iter::once(of(clean.clone())).chain(numbered);
        names.find(|called| !is_taken(called)).expect("there are more numbers than people")
    }
}

const fn user(name: String) -> Assignee {
    Assignee::User { name, email: None }
}
