//! What watching a series costs: time a bin, memory a series.

use crate::program::memory_now;
use crate::table::Row;
use orderly_core::detect::{MEMORY, Rhythm, Watched};
use std::hint::black_box;
use std::time::Instant;

const SERIES: u64 = 10_000;
/// Bins that are judged of each series.
const JUDGED: u64 = 24;

const MICROSECONDS_TARGET: f64 = 5.0;
const MEMORY_TARGET_MIB: f64 = 64.0;

/// Watches 10,000 series of hours, from one event in ten hours to a hundred an hour, each with a full memory.
pub fn measure() -> Vec<Row> {
    let before = memory_now();
    let mut all: Vec<Watched> = (0..SERIES).map(|_| Watched::new(Rhythm::Bins(24))).collect();
    for (nth, watched) in (0..).zip(&mut all) {
        let history = 2 * MEMORY as u64;
        (0..history).for_each(|hour| watched.learn(count(nth, hour)));
        // The first look fits from nothing; it happens once in the life of a series.
        black_box(watched.judge(count(nth, history)));
    }
    let memory = before.zip(memory_now()).map(|(before, after)| after.saturating_sub(before));
    let begun = Instant::now();
    let mut alarms = 0_u32;
    for hour in 2 * MEMORY as u64 + 1..=2 * MEMORY as u64 + JUDGED {
        for (nth, watched) in (0..).zip(&mut all) {
            alarms += u32::from(watched.judge(count(nth, hour)).is_some());
        }
    }
    let micros = begun.elapsed().as_secs_f64() * 1e6 / (SERIES * JUDGED) as f64;
    let mut rows = vec![
        Row::at_most("watching a series, a bin", micros, MICROSECONDS_TARGET, " µs"),
        Row::told("... alarms, of 240,000 bins", alarms.to_string()),
    ];
    if let Some(bytes) = memory {
        let mebibytes = bytes as f64 / 1_048_576.0;
        rows.push(Row::at_most("memory of 10,000 watched series", mebibytes, MEMORY_TARGET_MIB, " MiB"));
    }
    rows
}

/// Events of a series in an hour: a level, a day, and what looks like chance but is the same every time.
fn count(series: u64, hour: u64) -> u64 {
    let level = 0.1 * 1000_f64.powf((series % 100) as f64 / 99.0);
    let day = 1.0 + 0.5 * (std::f64::consts::TAU * (hour % 24) as f64 / 24.0).sin();
    let mixed = (series << 20 ^ hour).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let chance = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11;
    let uniform = chance as f64 / (1_u64 << 53) as f64;
    // Exponential steps of a Poisson variable would be slow for high levels; a rounded spread of the right size will do.
    let mean = level * day;
    (mean + mean.sqrt() * (uniform - 0.5) * 3.46 + uniform).max(0.0).floor() as u64
}
