//! Ruby and PHP.

use super::super::family::Family;
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule("ruby/nil", Family::NullAccess, &["NoMethodError"], &["for nil"]),
    rule("ruby/name", Family::NullAccess, &["NameError"], &[]),
    rule("ruby/method", Family::Type, &["NoMethodError"], &[]),
    rule("ruby/key", Family::Key, &["KeyError", "ParameterMissing"], &[]),
    rule("ruby/index", Family::Index, &["IndexError", "StopIteration"], &[]),
    rule(
        "ruby/zero",
        Family::Arithmetic,
        &["ZeroDivisionError", "FloatDomainError", "RangeError", "DivisionByZeroError", "ArithmeticError"],
        &[],
    ),
    rule("ruby/stack", Family::Recursion, &["SystemStackError"], &[]),
    rule("ruby/frozen", Family::Type, &["FrozenError"], &[]),
    rule(
        "ruby/encoding",
        Family::Encoding,
        &["CompatibilityError", "UndefinedConversionError", "InvalidByteSequenceError"],
        &[],
    ),
    rule("ruby/parse", Family::Parse, &["ParserError", "JsonException", "SyntaxError"], &[]),
    rule(
        "ruby/timeout",
        Family::Timeout,
        &["Error", "ReadTimeout", "OpenTimeout", "ExitException", "RequestTimeoutException"],
        &["execution expired", "timed out", "timeout"],
    ),
    rule("ruby/pool", Family::Exhausted, &["ConnectionTimeoutError", "ConnectionNotEstablished"], &[]),
    rule("ruby/deadlock", Family::Lock, &["Deadlocked", "LockWaitTimeout", "StaleObjectError"], &[]),
    rule(
        "ruby/unique",
        Family::Constraint,
        &["RecordNotUnique", "InvalidForeignKey", "NotNullViolation", "UniqueConstraintViolationException"],
        &[],
    ),
    rule(
        "ruby/missing",
        Family::Missing,
        &["RecordNotFound", "RoutingError", "ENOENT", "ModelNotFoundException", "NotFoundHttpException"],
        &[],
    ),
    rule(
        "ruby/connection",
        Family::Connection,
        &["ECONNREFUSED", "ECONNRESET", "EPIPE", "EOFError", "SocketError", "ConnectException"],
        &[],
    ),
    rule(
        "ruby/permission",
        Family::Permission,
        &["EACCES", "EPERM", "AuthorizationException", "NotAuthorizedError"],
        &[],
    ),
    rule(
        "ruby/invalid",
        Family::Validation,
        &["RecordInvalid", "ValidationException", "ArgumentError", "InvalidArgumentException", "ValueError"],
        &[],
    ),
    rule("ruby/memory", Family::Memory, &["NoMemoryError"], &[]),
    rule("ruby/load", Family::VersionSkew, &["LoadError"], &[]),
    rule(
        "php/null",
        Family::NullAccess,
        &[],
        &["on null", "undefined variable", "undefined property", "of type null"],
    ),
    rule("php/key", Family::Key, &[], &["undefined array key", "undefined index", "undefined offset"]),
    rule("php/memory", Family::Memory, &[], &["allowed memory size"]),
    rule("php/time", Family::Timeout, &[], &["maximum execution time"]),
    rule(
        "php/skew",
        Family::VersionSkew,
        &[],
        &["call to undefined method", "call to undefined function", "class not found"],
    ),
    rule("php/type", Family::Type, &["TypeError"], &[]),
];
