//! `orderly incident options`, `try`, `tried`, `undo`, `effect`: what ends the impact, and whether it did.
//!
//! Reading order: `weigh` (the options side by side) -> `trial` (preview, approval, run) -> `hands` (who runs it) -> `effect`
//! (measured; `repair`: a hotfix is followed to its deploy).

mod effect;
mod hands;
mod repair;
mod trial;
mod weigh;

pub(super) use effect::effect;
pub(super) use trial::{tried, try_out, undo};
pub(super) use weigh::options;
