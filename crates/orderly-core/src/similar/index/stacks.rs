//! Which known stacks may be among the nearest, and how near they are.
//!
//! A stack is as near as it is alike, times what type and message leave of that. Types and messages that are much alike
//! are looked for by themselves; every other stack has to be the more alike, and is found by its frames (`asked`). What was
//! found is bounded before it is aligned, and what may be nearest is aligned first: so the bar is soon high. Each stack is
//! looked at once, however many signatures have it.

use super::Index;
use super::asked::{Asked, Compared, LEFT_OUT};
use super::best::Best;
use super::floors;
use super::lexicon::Having;
use super::ready::Ready;
use super::said::{MUCH, Said};
use super::scratch::Scratch;
use crate::similar::score::{factor, said_of};
use crate::similar::signature::Signature;

/// What is asked for is hardly ever less alike.
const USUAL: f64 = 0.3;

/// Offers every known signature with a stack that may be among the best.
pub(super) fn search<K: Ord + Clone>(
    index: &Index<K>,
    ready: &Ready,
    asked: &Signature,
    scratch: &mut Scratch,
    best: &mut Best<K>,
) {
    let lexicon = &index.lexicon;
    let said = Said::new(lexicon, ready, asked, scratch);
    let asked = Asked::new(lexicon, ready, asked, scratch);
    let mut search = Search { index, ready, asked, said, looked: Vec::new(), scratch };
    search.asked.find(LEFT_OUT[0] * best.at_least.max(USUAL) / factor(MUCH), ready, search.scratch);
    // The same message, and of the others those that can be in a pair as near as the best so far.
    let same = search.said.same();
    search.of_messages(same, best);
    let much = said_of(best.least()).max(MUCH);
    let alike = search.said.alike(much, ready, search.scratch);
    search.of_messages(alike, best);
    // What says less has so much more to share of the stack.
    let less = factor(much);
    for floor in floors(best.at_least) {
        if best.is_beyond(less) {
            break;
        }
        let least = floor.max(best.least()) / less;
        for frame in search.asked.leads(least, ready, search.scratch) {
            for stack in ready.stacks.with_frame(frame) {
                search.look(*stack);
            }
        }
        search.settle(less, best);
        if best.least() >= floor {
            break;
        }
    }
    search.clear();
}

struct Search<'a, K> {
    index: &'a Index<K>,
    ready: &'a Ready,
    asked: Asked,
    said: Said,
    looked: Vec<Looked>,
    scratch: &'a mut Scratch,
}

/// A stack that was looked at.
#[derive(Clone, Copy)]
struct Looked {
    /// Its place among all as they are sorted.
    stack: u32,
    known: Known,
    /// The most that it is alike.
    at_most: f64,
}

/// What is known of how alike a stack is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// A bound, by those of its frames that were compared.
    BySomeFrames,
    /// A bound, by all of its frames.
    ByAllFrames,
    /// It.
    Aligned,
    /// It, and all signatures that have the stack were offered.
    Offered,
}

impl<K: Ord + Clone> Search<'_, K> {
    /// Leaves the scratch as it was.
    fn clear(self) {
        self.looked.into_iter().for_each(|one| self.scratch.looked[one.stack as usize] = 0);
        self.asked.clear(self.scratch);
        self.said.clear(self.scratch);
    }

    /// Offers the signatures that say these, unless they cannot be among the best.
    fn of_messages(&mut self, said: impl IntoIterator<Item = u32>, best: &mut Best<K>) {
        for said in said {
            let left = factor(self.said.likeness(said, self.ready, self.scratch));
            for having in self.index.lexicon.saying(said) {
                if best.is_beyond(left) {
                    break;
                }
                let at = self.look(self.ready.stacks.sorted(having.stack));
                if let Some(alike) = self.alike(at, left, best) {
                    self.offer(*having, alike * left, best);
                }
            }
        }
    }

    /// Offers the signatures with the stacks that were looked at, the likeliest first, unless they cannot be among the best
    /// even where type and message leave so much.
    fn settle(&mut self, left: f64, best: &mut Best<K>) {
        let open = (0..).zip(&self.looked).filter(|(_, one)| one.known != Known::Offered);
        let open = open.map(|(at, one)| (one.at_most, at));
        let mut open: Vec<(f64, usize)> =
            open.filter(|(at_most, _)| !best.is_beyond(at_most * left)).collect();
        open.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (at_most, at) in open {
            if best.is_beyond(at_most * left) {
                break;
            }
            let Some(alike) = self.alike(at, left, best) else { continue };
            self.looked[at].known = Known::Offered;
            let stack = self.ready.stacks.number(self.looked[at].stack);
            for having in self.index.lexicon.with_stack(stack) {
                if !best.is_beyond(alike * self.said.told(having.said, self.scratch).map_or(left, factor)) {
                    let said = self.said.likeness(having.said, self.ready, self.scratch);
                    self.offer(*having, alike * factor(said), best);
                }
            }
        }
    }

    fn offer(&self, having: Having, score: f64, best: &mut Best<K>) {
        if let Some(known) = self.index.at(having.place).filter(|_| !best.is_beyond(score)) {
            best.offer(&known.item, score * self.index.recency(known));
        }
    }

    /// The place of a stack among those that were looked at.
    fn look(&mut self, stack: u32) -> usize {
        let before = self.scratch.looked[stack as usize];
        if before > 0 {
            return before as usize - 1;
        }
        let (at_most, compared) = self.asked.at_most(stack, self.ready, self.scratch);
        let known = match compared {
            Compared::Some => Known::BySomeFrames,
            Compared::All => Known::ByAllFrames,
        };
        self.looked.push(Looked { stack, known, at_most });
        self.scratch.looked[stack as usize] = self.looked.len() as u32;
        self.looked.len() - 1
    }

    /// How alike a stack is, unless a share of that cannot be among the best.
    fn alike(&mut self, at: usize, share: f64, best: &Best<K>) -> Option<f64> {
        loop {
            let Looked { stack, known, at_most } = self.looked[at];
            if best.is_beyond(at_most * share) {
                return None;
            }
            let (known, at_most) = match known {
                Known::Aligned | Known::Offered => return Some(at_most),
                Known::ByAllFrames => (Known::Aligned, self.asked.aligned(stack, self.ready, self.scratch)),
                Known::BySomeFrames => {
                    for frame in self.ready.stacks.steps_of(stack) {
                        self.asked.resemblance(*frame, self.ready, self.scratch);
                    }
                    self.asked.forget_bounds();
                    (Known::ByAllFrames, self.asked.at_most(stack, self.ready, self.scratch).0)
                }
            };
            self.looked[at] = Looked { stack, known, at_most };
        }
    }
}
