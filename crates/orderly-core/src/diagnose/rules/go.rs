//! Go: runtime errors and wrapped messages.

use super::super::family::Family;
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "go/nil",
        Family::NullAccess,
        &[],
        &["nil pointer dereference", "invalid memory address", "assignment to entry in nil map", "nil map"],
    ),
    rule(
        "go/index",
        Family::Index,
        &[],
        &["index out of range", "slice bounds out of range", "makeslice: len out of range"],
    ),
    rule("go/cast", Family::Type, &[], &["interface conversion"]),
    rule("go/divide", Family::Arithmetic, &[], &["integer divide by zero", "value out of range"]),
    rule(
        "go/map-race",
        Family::Race,
        &[],
        &[
            "concurrent map",
            "send on closed channel",
            "close of closed channel",
            "negative waitgroup counter",
        ],
    ),
    rule(
        "go/deadlock",
        Family::Lock,
        &[],
        &["all goroutines are asleep", "unlock of unlocked mutex", "deadlock detected"],
    ),
    rule("go/stack", Family::Recursion, &[], &["stack exceeds", "stack overflow"]),
    rule("go/cancelled", Family::Cancelled, &[], &["context canceled", "client disconnected"]),
    rule(
        "go/timeout",
        Family::Timeout,
        &[],
        &["context deadline exceeded", "i/o timeout", "client.timeout exceeded"],
    ),
    rule(
        "go/connection",
        Family::Connection,
        &[],
        &[
            "connection refused",
            "connection reset by peer",
            "broken pipe",
            "no such host",
            "unexpected eof",
            "tls handshake",
        ],
    ),
    rule(
        "go/pool",
        Family::Exhausted,
        &[],
        &["too many open files", "too many clients", "connection pool exhausted"],
    ),
    rule(
        "go/rows",
        Family::Missing,
        &[],
        &["no rows in result set", "no such file or directory", "record not found"],
    ),
    rule("go/permission", Family::Permission, &[], &["permission denied", "operation not permitted"]),
    rule(
        "go/constraint",
        Family::Constraint,
        &[],
        &["violates unique constraint", "violates foreign key", "duplicate key value", "duplicate entry"],
    ),
    rule(
        "go/json",
        Family::Parse,
        &[],
        &["invalid character", "cannot unmarshal", "unexpected end of json", "strconv.", "parsing time"],
    ),
];
