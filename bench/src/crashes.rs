//! Made-up crashes and tickets of a large company: the same ones every time.
//!
//! What makes a search slow or quick is made like it is in production: a few services fail most, stacks share the
//! frames of frameworks and of the functions that many call, names are put together from a few thousand words of which
//! some are in every other name, many crashes come from shared code that only raises, and what is reported twice comes
//! on another path with other numbers in its message.

use orderly_core::normal::frame::NormalFrame;
use orderly_core::similar::signature::{Facts, PlacedFrame};
use orderly_core::sync::snapshot::FrameOrigin;

const SERVICES: u64 = 400;
const MODULES: u64 = 25;
const FUNCTIONS: u64 = 20;
const WORDS: u64 = 3_000;
const TICKET_WORDS: u64 = 20_000;
const VERBS: u64 = 60;
const TYPES: u64 = 60;
/// Functions of shared code that only raise.
const RAISING: u64 = 200;
/// Of so many functions one never crashed in what is tracked.
const NEVER_CRASHED: u64 = 10;

/// Draws one crash or ticket after the other.
pub struct Crashes {
    random: Random,
}

/// Which crash is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// One like those that are tracked; one in ten is a ticket in words.
    Tracked,
    /// At a place that tracked ones came from; perhaps on another path.
    Again,
    /// At a place that none came from.
    New,
}

impl Crashes {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self { random: Random(seed) }
    }

    /// The next one, in normal form, as the ledger keeps it.
    pub fn draw(&mut self, draw: Draw) -> Facts {
        if draw == Draw::Tracked && self.random.below(10) == 0 { self.ticket() } else { self.crash(draw) }
    }

    fn crash(&mut self, draw: Draw) -> Facts {
        let service = self.random.often_low(SERVICES);
        let (module, function) = (self.random.often_low(MODULES), self.random.often_low(FUNCTIONS));
        let place = (service * MODULES + module) * FUNCTIONS + function;
        let place = match (draw, place % NEVER_CRASHED) {
            (Draw::New, by) => place - by,
            (_, 0) => place + 1,
            _ => place,
        };
        let mut frames = Vec::new();
        if mix(place, 1).is_multiple_of(6) {
            let raising = mix(place, 2) % RAISING;
            frames
                .push(frame(&format!("acme.base.{}", word(raising % 9, WORDS)), &name(7_000_000 + raising)));
        }
        let mut at = place;
        for _ in 0..4 + self.random.below(6) {
            frames.push(self.function(at));
            // One to three callers each; most calls come from the first.
            at = caller(at, self.random.often_low(1 + mix(at, 3) % 3));
        }
        let framework = service % 6;
        for step in 0..3 + framework % 4 {
            frames.push(frame(
                &format!("web{}.server", framework % 3),
                &name(8_000_000 + framework * 7 + step),
            ));
        }
        let kind = format!("{}Error", capital(&word(mix(place, 4) % TYPES, WORDS)));
        let message = sentence(place * 3 + self.random.often_low(3), 3 + mix(place, 5) % 7);
        Facts { title: format!("{kind}: {message}"), kind, message, frames, body: String::new() }
    }

    fn function(&self, place: u64) -> PlacedFrame {
        let module = place / FUNCTIONS;
        let (service, layer) =
            (module / MODULES, ["api", "service", "store", "model", "jobs"][(module % 5) as usize]);
        let of = format!("acme.{}.{layer}.{}", word(mix(service, 6) % WORDS, WORDS), name(module));
        frame(&of, &name(9_000_000 + place))
    }

    fn ticket(&mut self) -> Facts {
        let mut text = |words: u64| {
            let words = (0..words).map(|_| word(self.random.often_low(TICKET_WORDS), TICKET_WORDS));
            words.collect::<Vec<_>>().join(" ")
        };
        Facts { title: text(7), body: text(60), ..Facts::default() }
    }
}

/// A function of the same service that calls a function.
fn caller(place: u64, nth: u64) -> u64 {
    let of_service = MODULES * FUNCTIONS;
    place / of_service * of_service + mix(place, 10 + nth) % of_service
}

fn frame(place: &str, function: &str) -> PlacedFrame {
    let frame = NormalFrame { place: place.to_owned(), function: function.to_owned() };
    PlacedFrame { frame, origin: FrameOrigin::InApp }
}

/// A verb and one or two nouns.
fn name(of: u64) -> String {
    let noun = |salt| word(low(mix(of, salt), WORDS), WORDS);
    let verb = word(WORDS + mix(of, 20) % VERBS, WORDS);
    if mix(of, 21).is_multiple_of(3) {
        format!("{verb}_{}", noun(22))
    } else {
        format!("{verb}_{}_{}", noun(22), noun(23))
    }
}

fn sentence(of: u64, words: u64) -> String {
    let mut said: Vec<String> = (0..words).map(|nth| word(low(mix(of, 30 + nth), WORDS), WORDS)).collect();
    said.push("<int>".to_owned());
    said.join(" ")
}

/// The n-th of many words: pronounceable, no two the same.
fn word(nth: u64, of: u64) -> String {
    let mut rest = nth + of;
    let mut word = String::new();
    while rest > 0 {
        word.push(char::from(b"bcdfghklmnprstvz"[(rest % 16) as usize]));
        word.push(char::from(b"aeiou"[(rest / 16 % 5) as usize]));
        rest /= 80;
    }
    word
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// A number under `of`, low ones far more often: as words are used (Zipf, exponent 1).
fn low(random: u64, of: u64) -> u64 {
    let share = (random >> 11) as f64 / (1_u64 << 53) as f64;
    (((of + 1) as f64).powf(share) as u64).saturating_sub(1).min(of - 1)
}

/// Pseudo-random numbers (SplitMix64, Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scatter(self.0)
    }

    fn below(&mut self, of: u64) -> u64 {
        self.next() % of
    }

    fn often_low(&mut self, of: u64) -> u64 {
        low(self.next(), of)
    }
}

fn mix(of: u64, salt: u64) -> u64 {
    scatter(of.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93))
}

const fn scatter(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
