//! What becomes of a request between a runner and a service.

use super::scenario::Weather;
use crate::dice::Dice;

/// The fate of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives and its reply comes back.
    Normal,
    /// It never arrives; its sender gives up.
    Never,
    /// It is carried out; the reply is lost.
    ReplyLost,
    /// Its sender gives up; it arrives long after.
    Late,
    /// It arrives twice; the reply to the second one comes back.
    Twice,
    /// The service begins to ask everybody to slow down.
    Limited,
}

/// What becomes of a write.
pub fn of_write(weather: &Weather, dice: &mut dyn Dice) -> Fate {
    const FATES: [Fate; 6] =
        [Fate::Normal, Fate::Never, Fate::ReplyLost, Fate::Late, Fate::Twice, Fate::Limited];
    let Weather { never, reply_lost, late, twice, limited, .. } = *weather;
    let normal = 1000_u32.saturating_sub(never + reply_lost + late + twice + limited).max(1);
    FATES[dice.choose(&[normal, never, reply_lost, late, twice, limited])]
}

/// What becomes of a read: it is answered or not.
pub fn of_read(weather: &Weather, dice: &mut dyn Dice) -> Fate {
    const FATES: [Fate; 2] = [Fate::Normal, Fate::Never];
    let lost = (weather.never + weather.reply_lost) / 2;
    FATES[dice.choose(&[1000_u32.saturating_sub(lost).max(1), lost])]
}

/// What becomes of a write of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is durable and said to be.
    Kept,
    /// It failed and is not there.
    Failed,
    /// It is there, and the connection broke before that could be said.
    KeptInSilence,
}

/// What becomes of a write of the ledger.
pub fn of_commit(weather: &Weather, dice: &mut dyn Dice) -> Commit {
    const COMMITS: [Commit; 3] = [Commit::Kept, Commit::Failed, Commit::KeptInSilence];
    let half = weather.ledger.div_ceil(2);
    COMMITS[dice.choose(&[1000_u32.saturating_sub(2 * half).max(1), half, half])]
}
