//! An incident again, for practice: everything that its decisions rested on is recorded, and played through the same code.
//!
//! Reading order: [`Recording`] (what is kept; `people`, `entries` and `gathered`: what of it does not leave the house, `series`:
//! hours on few lines), [`Manifest`] and [`Part`] (`files.rs`: as files, checked when they are read), [`play`] (what happened when:
//! [`Step`]; `watched`: what the detectors would have said), [`Compared`] (they beside the people), `page` (in words).

mod compare;
mod entries;
mod files;
mod gathered;
mod page;
mod people;
mod play;
mod recording;
mod series;
#[cfg(test)]
mod tests;
mod watched;

pub use compare::{Compared, Moment, Side};
pub use files::{BadRecording, Files, Listed, MANIFEST, MOST_BYTES, Manifest, Part};
pub use play::{Played, Replay, Step, play};
pub use recording::{Gathered, NotRecorded, Recording, Rules};
