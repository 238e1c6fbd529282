//! .NET.

use super::super::family::Family;
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule("dotnet/null", Family::NullAccess, &["NullReferenceException", "ArgumentNullException"], &[]),
    rule(
        "dotnet/sequence",
        Family::Unwrap,
        &["InvalidOperationException"],
        &["sequence contains no", "nullable object must have a value"],
    ),
    rule(
        "dotnet/changed",
        Family::Race,
        &["InvalidOperationException"],
        &["collection was modified", "second operation was started"],
    ),
    rule(
        "dotnet/pool",
        Family::Exhausted,
        &["InvalidOperationException"],
        &["timeout expired", "obtaining a connection from the pool"],
    ),
    rule("dotnet/key", Family::Key, &["KeyNotFoundException"], &[]),
    rule("dotnet/index", Family::Index, &["IndexOutOfRangeException", "ArgumentOutOfRangeException"], &[]),
    rule("dotnet/cast", Family::Type, &["InvalidCastException"], &[]),
    rule("dotnet/arithmetic", Family::Arithmetic, &["DivideByZeroException", "OverflowException"], &[]),
    rule(
        "dotnet/parse",
        Family::Parse,
        &["FormatException", "JsonException", "JsonReaderException", "XmlException"],
        &[],
    ),
    rule(
        "dotnet/stack",
        Family::Recursion,
        &["StackOverflowException", "InsufficientExecutionStackException"],
        &[],
    ),
    rule("dotnet/memory", Family::Memory, &["OutOfMemoryException"], &[]),
    rule(
        "dotnet/cancelled",
        Family::Cancelled,
        &["TaskCanceledException", "OperationCanceledException"],
        &[],
    ),
    rule("dotnet/timeout", Family::Timeout, &["TimeoutException"], &[]),
    rule(
        "dotnet/connection",
        Family::Connection,
        &["SocketException", "HttpRequestException", "EndOfStreamException"],
        &[],
    ),
    rule("dotnet/update", Family::Constraint, &["DbUpdateException", "DbUpdateConcurrencyException"], &[]),
    rule("dotnet/permission", Family::Permission, &["UnauthorizedAccessException", "SecurityException"], &[]),
    rule("dotnet/missing", Family::Missing, &["FileNotFoundException", "DirectoryNotFoundException"], &[]),
    rule(
        "dotnet/skew",
        Family::VersionSkew,
        &[
            "MissingMethodException",
            "TypeLoadException",
            "FileLoadException",
            "MissingFieldException",
            "BadImageFormatException",
        ],
        &[],
    ),
    rule(
        "dotnet/state",
        Family::Assertion,
        &[
            "InvalidOperationException",
            "NotImplementedException",
            "NotSupportedException",
            "ObjectDisposedException",
        ],
        &[],
    ),
    rule("dotnet/argument", Family::Validation, &["ArgumentException"], &[]),
];
