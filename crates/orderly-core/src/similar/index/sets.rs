//! Known sets of weighed parts (the words of a frame, the groups of characters of a message), and which of them share
//! much with an asked one.
//!
//! Two sets share at least `t` of all that both have only if what they share is at least `t` of each, and at least
//! `t / (1 + t)` of the sum of both. The parts of every set are ordered the same way, the heaviest first. Then all that
//! two sets share is among what follows, in both of them, the first part that they share. So a set is listed under a part
//! with what follows it there, and most of the list of a common part says by itself that too little follows. (Prefix and
//! positional filtering of similarity joins: Bayardo, Ma and Srikant 2007; Xiao and others 2008.)

/// Known sets by number, each with a sketch of so many bytes.
#[derive(Clone, Debug)]
pub(super) struct Sets<const BYTES: usize> {
    /// The parts of all sets, one set after the other, the heaviest part of each first.
    parts: Vec<u32>,
    /// By set: where its parts begin, what they weigh together. One more at the end.
    sets: Vec<(u32, f64)>,
    /// By set: which parts it may have.
    sketches: Vec<Sketch<BYTES>>,
    /// The lists of all parts, one after the other.
    listed: Vec<Listed>,
    /// By part: where its list begins. One more at the end.
    lists: Vec<u32>,
}

/// A set in the list of a part.
#[derive(Clone, Copy, Debug, Default)]
struct Listed {
    set: u32,
    /// The share of it that weigh this part and those after it.
    rest: f32,
    /// What all of it weighs.
    whole: f32,
}

/// Which parts a set may have: a bit for each kind of parts.
#[derive(Clone, Copy, Debug)]
struct Sketch<const BYTES: usize>([u8; BYTES]);

/// What the asked parts weigh that a sketch allows, by each of its bytes.
struct Allowed<const BYTES: usize>([[f32; 256]; BYTES]);

/// Numbers in the lists have few digits.
const FEW_DIGITS: f64 = 1e-5;

impl<const BYTES: usize> Sets<BYTES> {
    /// Sets of parts that weigh so much. They are found by what they share at least `least` of.
    pub(super) fn new<'a>(sets: impl Iterator<Item = &'a [u32]>, weights: &[f64], least: f64) -> Self {
        let mut heaviest: Vec<u32> = (0..weights.len() as u32).collect();
        heaviest
            .sort_unstable_by(|a, b| weights[*b as usize].total_cmp(&weights[*a as usize]).then(a.cmp(b)));
        let mut ranks = vec![0_u32; weights.len()];
        (0..).zip(&heaviest).for_each(|(rank, part)| ranks[*part as usize] = rank);
        let mut all = Self {
            parts: Vec::new(),
            sets: Vec::new(),
            sketches: Vec::new(),
            listed: Vec::new(),
            lists: Vec::new(),
        };
        let mut ranked: Vec<u32> = Vec::new();
        for set in sets {
            ranked.clear();
            ranked.extend(set.iter().map(|part| ranks[*part as usize]));
            ranked.sort_unstable();
            let from = all.parts.len() as u32;
            all.parts.extend(ranked.iter().map(|rank| heaviest[*rank as usize]));
            all.sketches.push(Sketch::of(set.iter().copied()));
            all.sets.push((from, set.iter().map(|part| weights[*part as usize]).sum()));
        }
        all.sets.push((all.parts.len() as u32, 0.0));
        all.list(weights, least);
        all
    }

    fn list(&mut self, weights: &[f64], least: f64) {
        let least = (least - FEW_DIGITS) as f32;
        let mut lengths = vec![0_u32; weights.len() + 1];
        self.each_listed(weights, least, |part, _| lengths[part as usize] += 1);
        let mut begin = 0;
        for length in &mut lengths {
            begin += std::mem::replace(length, begin);
        }
        let mut listed = vec![Listed::default(); begin as usize];
        let mut next = lengths.clone();
        self.each_listed(weights, least, |part, one| {
            listed[next[part as usize] as usize] = one;
            next[part as usize] += 1;
        });
        for list in lengths.windows(2) {
            listed[list[0] as usize..list[1] as usize].sort_unstable_by(|a, b| b.rest.total_cmp(&a.rest));
        }
        (self.listed, self.lists) = (listed, lengths);
    }

    fn each_listed(&self, weights: &[f64], least: f32, mut list: impl FnMut(u32, Listed)) {
        for (set, bounds) in (0..).zip(self.sets.windows(2)) {
            let whole = bounds[0].1;
            let mut rest = whole;
            for part in &self.parts[bounds[0].0 as usize..bounds[1].0 as usize] {
                let one = Listed { set, rest: (rest / whole) as f32, whole: whole as f32 };
                if one.rest < least {
                    break;
                }
                list(*part, one);
                rest -= weights[*part as usize];
            }
        }
    }

    /// The parts of a set, the heaviest first.
    pub(super) fn parts_of(&self, set: u32) -> &[u32] {
        let at = set as usize;
        &self.parts[self.sets[at].0 as usize..self.sets[at + 1].0 as usize]
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.sets.len().saturating_sub(1)
    }

    /// What a set weighs.
    pub(super) fn whole(&self, set: u32) -> f64 {
        self.sets[set as usize].1
    }

    /// The sets that may share at least `least` of all that they and the asked one have; some more than once. The asked
    /// one is told by its known parts with their weights, and by what it weighs with the unknown ones.
    pub(super) fn sharing(&self, known: &[(u32, f64)], whole: f64, least: f64, mut found: impl FnMut(u32)) {
        let least = least - FEW_DIGITS;
        let (each, both) = (least as f32, (least / (1.0 + least)) as f32);
        let asked = whole as f32;
        let allowed = Allowed::of(known);
        let mut rest: f64 = known.iter().map(|(_, weight)| weight).sum();
        for (part, weight) in known {
            if rest < least * whole {
                break;
            }
            let part = *part as usize;
            let at_most = (rest * (1.0 + FEW_DIGITS)) as f32;
            for one in &self.listed[self.lists[part] as usize..self.lists[part + 1] as usize] {
                if one.rest < each {
                    break;
                }
                let needed = both * (asked + one.whole);
                if at_most.min(one.rest * one.whole) >= needed
                    && allowed.by(&self.sketches[one.set as usize]) >= needed
                {
                    found(one.set);
                }
            }
            rest -= weight;
        }
    }

    /// The order of parts: the heaviest first.
    pub(super) fn order(known: &mut [(u32, f64)]) {
        known.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }
}

impl<const BYTES: usize> Sketch<BYTES> {
    fn of(parts: impl Iterator<Item = u32>) -> Self {
        let mut sketch = Self([0; BYTES]);
        for part in parts {
            let (byte, bit) = Self::kind(part);
            sketch.0[byte] |= 1 << bit;
        }
        sketch
    }

    /// The byte and bit of a part. Parts that follow each other in number are often in one set: they are of different kinds.
    const fn kind(part: u32) -> (usize, usize) {
        (part as usize % BYTES, part as usize / BYTES % 8)
    }
}

impl<const BYTES: usize> Allowed<BYTES> {
    fn of(known: &[(u32, f64)]) -> Self {
        let mut kinds = [[0.0_f64; 8]; BYTES];
        for (part, weight) in known {
            let (byte, bit) = Sketch::<BYTES>::kind(*part);
            kinds[byte][bit] += weight * (1.0 + FEW_DIGITS);
        }
        let mut allowed = [[0.0_f32; 256]; BYTES];
        for (sums, kinds) in allowed.iter_mut().zip(kinds) {
            for bits in 1..256_usize {
                sums[bits] = sums[bits & (bits - 1)] + kinds[bits.trailing_zeros() as usize] as f32;
            }
        }
        Self(allowed)
    }

    /// What a set at most has of the asked parts.
    fn by(&self, sketch: &Sketch<BYTES>) -> f32 {
        sketch.0.iter().zip(&self.0).map(|(bits, sums)| sums[*bits as usize]).sum()
    }
}
