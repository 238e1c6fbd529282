//! The numbers of the model, all of them.
//!
//! The score of two errors is `stack * (FLOOR + (1 - FLOOR) * said^2)`: the message cannot make two stacks alike that are
//! not, and a message that differs speaks against stacks that end in the same place, because code that only raises is
//! shared by many causes. A sum of both, as a logistic regression learns it, was worse on every set.
//!
//! Nothing here was fitted to single rows. The shapes come from the literature on stack traces (the weight of a frame
//! falls with its depth, matches that lie apart count less, rare frames count more), and their numbers were round ones
//! from before the first run. Two were chosen by their results: `FLOOR` from {0, .1, .2, .3, .5} and the power of `said`
//! from {1/2, 1, 2}. How flat the results are around them is in `docs/similarity-score.md`.

/// Frames of a stack that are compared, from the crash on.
pub const FRAMES: usize = 15;
/// The weight of a frame at depth `d` (0 at the crash) falls as `(1 + d)^-DEPTH`.
pub const DEPTH: f64 = 0.5;
/// A match of frames whose depths differ by `g` counts `exp(-APART * g)`.
pub const APART: f64 = 0.1;
/// What a frame weighs that every known error has; its rarity is added.
pub const COMMON: f64 = 0.3;
/// Two frames that are not the same are never alike beyond this, whatever words they share.
pub const NOT_THE_SAME: f64 = 0.95;
/// What is left of the stacks' likeness when type and message have nothing in common.
pub const FLOOR: f64 = 0.5;
/// Characters of type and message, or of a title, that are compared.
pub const SAID: usize = 300;

/// Characters of a body that are compared: how a text begins says what it is about; what follows is logs and thanks.
pub const BODY: usize = 500;
/// Where items come in the order of their occurrence, one that last came a share `a` of all signatures ago is
/// `exp(-RECENT * a)` times as likely: what one change broke is reported together.
pub const RECENT: f64 = 2.0;

/// The weight of a part that `having` of `all` known signatures have: its information, never nothing.
pub fn rarity(having: u32, all: u64) -> f64 {
    ((all as f64 + 1.0) / (f64::from(having) + 0.5)).ln_1p()
}
