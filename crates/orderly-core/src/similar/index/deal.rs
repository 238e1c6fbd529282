//! Dealing an amount out so that what is left to do is as little as possible.

/// What is dealt out is dealt in so many parts.
const PARTS: usize = 32;

/// Deals an amount out to takers so that their costs together are least: what each gets. A taker tells amounts and what
/// each costs; every amount above what was dealt costs.
pub(super) fn deal(amount: f64, takers: impl Iterator<Item = Vec<(f64, usize)>>) -> Vec<f64> {
    let part = amount.max(0.0) / PARTS as f64;
    // The least costs of the takers so far by the parts that were dealt to them, and how many the last of them got.
    let mut least = [0_usize; PARTS + 1];
    let mut chosen: Vec<[usize; PARTS + 1]> = Vec::new();
    for taker in takers {
        let costs = by_parts(&taker, part);
        let mut next = [(usize::MAX, 0_usize); PARTS + 1];
        for (dealt, next) in next.iter_mut().enumerate() {
            for own in 0..=dealt {
                *next = (*next).min((least[dealt - own] + costs[own], own));
            }
        }
        least = next.map(|(cost, _)| cost);
        chosen.push(next.map(|(_, own)| own));
    }
    let mut left = PARTS;
    let mut dealt: Vec<f64> = Vec::new();
    for own in chosen.iter().rev() {
        dealt.push(own[left] as f64 * part);
        left -= own[left];
    }
    dealt.reverse();
    dealt
}

/// What a taker costs by the number of parts that it is dealt.
fn by_parts(amounts: &[(f64, usize)], part: f64) -> [usize; PARTS + 1] {
    let mut costs = [0_usize; PARTS + 1];
    for (amount, cost) in amounts {
        let enough = match (*amount > 0.0, part > 0.0) {
            (false, _) => continue,
            (true, false) => PARTS,
            (true, true) => ((amount / part).ceil() as usize).min(PARTS + 1) - 1,
        };
        costs[enough] += cost;
    }
    for parts in (0..PARTS).rev() {
        costs[parts] += costs[parts + 1];
    }
    costs
}
