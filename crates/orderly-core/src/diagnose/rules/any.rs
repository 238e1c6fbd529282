//! What every platform says alike: of the machine, asked first; of networks and databases, asked last.

use super::super::family::Family;
use super::{Rule, rule};

/// Of the machine: whatever type such a failure has.
pub(super) const MACHINE: &[Rule] = &[
    rule(
        "any/disk",
        Family::Hardware,
        &[],
        &[
            "no space left on device",
            "disk full",
            "input/output error",
            "read-only file system",
            "disk image is malformed",
            "bad sector",
            "i/o error, dev",
        ],
    ),
    rule("any/memory", Family::Memory, &[], &["out of memory", "cannot allocate memory"]),
];

/// Of networks and databases.
pub(super) const RULES: &[Rule] = &[
    rule(
        "any/pool",
        Family::Exhausted,
        &[],
        &["too many open files", "too many connections", "pool exhausted", "connection pool is full"],
    ),
    rule("any/deadlock", Family::Lock, &[], &["deadlock", "lock wait timeout", "database is locked"]),
    rule(
        "any/cancelled",
        Family::Cancelled,
        &[],
        &[
            "context canceled",
            "operation was canceled",
            "request was cancelled",
            "request was canceled",
            "request aborted",
        ],
    ),
    rule("any/timeout", Family::Timeout, &[], &["timed out", "deadline exceeded", "etimedout", "timeout"]),
    rule(
        "any/connection",
        Family::Connection,
        &[],
        &[
            "connection refused",
            "connection reset",
            "connection closed",
            "broken pipe",
            "could not resolve host",
            "name or service not known",
            "unreachable",
            "econnrefused",
        ],
    ),
    rule(
        "any/permission",
        Family::Permission,
        &[],
        &["permission denied", "access denied", "operation not permitted", "forbidden"],
    ),
    rule("any/missing", Family::Missing, &[], &["no such file or directory", "does not exist", "not found"]),
    rule(
        "any/constraint",
        Family::Constraint,
        &[],
        &["unique constraint", "foreign key constraint", "duplicate key", "duplicate entry"],
    ),
    rule(
        "any/encoding",
        Family::Encoding,
        &[],
        &["invalid utf-8", "invalid byte sequence", "can't decode byte"],
    ),
    rule("any/null", Family::NullAccess, &[], &["null pointer", "nil pointer", "undefined is not"]),
    rule("any/index", Family::Index, &[], &["index out of bounds", "index out of range"]),
    rule(
        "any/parse",
        Family::Parse,
        &[],
        &["unexpected token", "cannot parse", "failed to parse", "invalid json"],
    ),
];
