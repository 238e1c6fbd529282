//! Screens for a terminal. They show what the core has decided and give back what a person chose; they decide nothing.
//!
//! Reading order: [`approve()`] (`approve.rs`: the loop) -> `approve/state.rs` (what a key does) -> `approve/draw.rs` and
//! `approve/preview.rs` (what is seen) -> [`watch()`] (`watch.rs`: what others put there, drawn anew) -> `keys.rs` ->
//! `terminal.rs` (taking the terminal and giving it back).

mod approve;
mod keys;
mod palette;
mod terminal;
mod watch;

pub use approve::approve;
pub use palette::Palette;
pub use watch::{Line, Tone, WatchView, watch};
