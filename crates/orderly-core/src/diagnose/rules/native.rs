//! C, C++, Objective-C, Swift.

use super::super::family::Family;
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule("native/unwrap", Family::Unwrap, &[], &["unexpectedly found nil"]),
    rule("native/null", Family::NullAccess, &["EXC_BAD_ACCESS", "SIGSEGV"], &[]),
    rule("native/index", Family::Index, &["NSRangeException", "out_of_range"], &[]),
    rule("native/index-message", Family::Index, &[], &["index out of range", "beyond bounds"]),
    rule("native/selector", Family::Type, &[], &["unrecognized selector", "could not cast value"]),
    rule("native/race", Family::Race, &[], &["was mutated while being enumerated", "simultaneous accesses"]),
    rule("native/zero", Family::Arithmetic, &["SIGFPE"], &[]),
    rule("native/memory", Family::Memory, &["bad_alloc", "WatchdogTermination"], &[]),
    rule("native/bus", Family::Hardware, &["SIGBUS"], &[]),
    rule("native/hang", Family::Lock, &["App Hanging", "ApplicationNotResponding"], &[]),
    rule(
        "native/abort",
        Family::Assertion,
        &["SIGABRT", "SIGTRAP", "EXC_BREAKPOINT", "NSInternalInconsistencyException"],
        &[],
    ),
    rule("native/key", Family::Key, &["NSUnknownKeyException"], &[]),
    rule("native/argument", Family::Validation, &["NSInvalidArgumentException"], &[]),
];
