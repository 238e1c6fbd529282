//! Where every choice of a schedule comes from. The same seed, or the same script, makes the same choices.

/// Makes choices.
pub trait Dice {
    /// One of `menu`, by weight; the first entry is "nothing unusual". A script may take any entry whose weight is not 0.
    fn choose(&mut self, menu: &[u32]) -> usize;

    /// One of `n` equals (which request is served next, which issue a person touches). A script takes the first.
    fn pick(&mut self, n: usize) -> usize;
}

/// Choices drawn from a seed (`SplitMix64`, Steele, Lea and Flood 2014: every state is visited, and any seed is good).
#[derive(Clone, Debug)]
pub struct Seeded {
    state: u64,
}

impl Seeded {
    /// Dice with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// 64 random bits.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        // The bias is below 2^-32 and no schedule depends on it.
        u32::try_from(((self.bits() >> 32) * u64::from(n)) >> 32).unwrap_or(0)
    }

    /// True in `n` of 1,000 cases.
    pub fn per_mille(&mut self, n: u32) -> bool {
        self.below(1000) < n
    }
}

impl Dice for Seeded {
    fn choose(&mut self, menu: &[u32]) -> usize {
        let total: u32 = menu.iter().sum();
        let mut at = self.below(total.max(1));
        for (place, weight) in menu.iter().enumerate() {
            if at < *weight {
                return place;
            }
            at -= weight;
        }
        0
    }

    fn pick(&mut self, n: usize) -> usize {
        usize::try_from(self.below(u32::try_from(n).unwrap_or(u32::MAX))).unwrap_or(0)
    }
}

/// Every schedule with at most so many unusual choices, one after the other.
#[derive(Clone, Debug)]
pub struct Script {
    /// The choices made so far in this schedule, each with the number of entries it was made from.
    path: Vec<(usize, usize)>,
    at: usize,
    depth: usize,
}

impl Script {
    /// The first schedule: nothing unusual at all.
    pub const fn new(depth: usize) -> Self {
        Self { path: Vec::new(), at: 0, depth }
    }

    /// The next schedule; `None` after the last.
    pub fn next(mut self) -> Option<Self> {
        self.path.truncate(self.at);
        while let Some((chosen, of)) = self.path.pop() {
            let unusual = self.path.iter().filter(|(chosen, _)| *chosen > 0).count();
            if chosen + 1 < of && unusual < self.depth {
                self.path.push((chosen + 1, of));
                self.at = 0;
                return Some(self);
            }
        }
        None
    }

    /// The unusual choices of this schedule: at which point, and which.
    pub fn unusual(&self) -> Vec<(usize, usize)> {
        self.path
            .iter()
            .enumerate()
            .filter(|(_, (chosen, _))| *chosen > 0)
            .map(|(at, (chosen, _))| (at, *chosen))
            .collect()
    }
}

impl Dice for Script {
    fn choose(&mut self, menu: &[u32]) -> usize {
        let open: Vec<usize> = (0..menu.len()).filter(|place| *place == 0 || menu[*place] > 0).collect();
        if self.at == self.path.len() {
            self.path.push((0, open.len()));
        }
        let chosen = self.path[self.at].0;
        self.at += 1;
        open[chosen]
    }

    fn pick(&mut self, _: usize) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_script_visits_every_schedule_up_to_its_depth_once() {
        // Four choices of three entries, at most two unusual: 1 + 4*2 + 6*4 schedules.
        let mut seen = BTreeSet::new();
        let mut script = Some(Script::new(2));
        while let Some(mut now) = script {
            let made: Vec<usize> = (0..4).map(|_| now.choose(&[1, 1, 1])).collect();
            assert!(seen.insert(made), "visited twice");
            script = now.next();
        }
        assert_eq!(seen.len(), 33);
    }

    #[test]
    fn seeded_choices_are_the_same_every_time_and_follow_their_weights() {
        let run = |seed| {
            let mut dice = Seeded::new(seed);
            (0..1000).map(|_| dice.choose(&[900, 0, 100])).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let unusual = run(7).into_iter().filter(|chosen| *chosen == 2).count();
        assert!((50..150).contains(&unusual) && !run(7).contains(&1), "{unusual}");
    }
}
