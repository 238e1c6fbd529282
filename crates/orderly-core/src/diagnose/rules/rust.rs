//! Rust: panics say what happened in their message.

use super::super::family::Family;
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule("rust/unwrap-none", Family::Unwrap, &[], &["on a `none` value"]),
    rule("rust/poisoned-lock", Family::Lock, &[], &["poisonerror"]),
    rule(
        "rust/utf8",
        Family::Encoding,
        &[],
        &["utf8error", "fromutf8error", "invalid utf-8", "char boundary"],
    ),
    rule("rust/unwrap-error", Family::Unwrap, &[], &["on an `err` value", "on an `ok` value"]),
    rule(
        "rust/index",
        Family::Index,
        &[],
        &[
            "index out of bounds",
            "out of range for slice",
            "slice index starts at",
            "range end index",
            "range start index",
            "removal index",
            "insertion index",
            "swap_remove index",
            "mid > len",
        ],
    ),
    rule(
        "rust/borrow",
        Family::Borrow,
        &[],
        &["already borrowed", "already mutably borrowed", "borrowmuterror", "borrowerror"],
    ),
    rule(
        "rust/arithmetic",
        Family::Arithmetic,
        &[],
        &[
            "with overflow",
            "attempt to divide by zero",
            "with a divisor of zero",
            "overflow when",
            "out of range integral type",
        ],
    ),
    rule("rust/allocation", Family::Memory, &[], &["memory allocation of", "capacity overflow"]),
    rule("rust/stack", Family::Recursion, &[], &["has overflowed its stack"]),
    rule(
        "rust/pool",
        Family::Exhausted,
        &[],
        &["pool timed out", "poolerror", "timed out waiting for connection"],
    ),
    rule(
        "rust/unreachable",
        Family::Assertion,
        &[],
        &[
            "entered unreachable code",
            "assertion `",
            "assertion failed",
            "not yet implemented",
            "not implemented",
        ],
    ),
    rule(
        "rust/runtime",
        Family::Race,
        &[],
        &["no reactor running", "cannot start a runtime from within", "polled after completion"],
    ),
    rule("rust/parse-number", Family::Parse, &["ParseIntError", "ParseFloatError", "ParseBoolError"], &[]),
];
