//! Functions that only tell of a mistake which was made elsewhere, and exceptions that the runtime itself raises.

/// How functions begin whose work is to refuse.
const RAISING: &[&str] = &[
    "check",
    "validate",
    "require",
    "assert",
    "ensure",
    "verify",
    "throw",
    "raise",
    "report",
    "fail",
    "wrap",
    "error",
    "panic",
    "unexpected",
    "abort",
    "reject",
    "handleerror",
    "handle_error",
    "bad",
    "illegal",
    "invalid",
    "notfound",
    "not_found",
    "rethrow",
    "propagate",
    "unwrap",
    "expect",
];

/// How classes end whose work is to refuse.
const RAISING_CLASSES: &[&str] =
    &["Exception", "Error", "Preconditions", "Assert", "Validate", "Check", "Guard", "Invariant"];

/// Parts of names of exceptions that nobody wrote a `throw` for: the statement itself failed.
const IMPLICIT: &[&str] = &[
    "NullPointer",
    "IndexOutOfBounds",
    "ClassCast",
    "StackOverflow",
    "NegativeArraySize",
    "Arithmetic",
    "NumberFormat",
    "ArrayStore",
    "ConcurrentModification",
    "OutOfMemory",
    "AttributeError",
    "TypeError",
    "KeyError",
    "IndexError",
    "NameError",
    "UnboundLocal",
    "ZeroDivision",
    "RecursionError",
    "UnicodeDecode",
    "UnicodeEncode",
    "StringIndex",
    "NoSuchElement",
    "NullReference",
    "IndexOutOfRange",
    "NoMethodError",
    "ReferenceError",
    "RangeError",
    "DivideByZero",
    "KeyNotFound",
];

/// Whether a function refuses what others did wrong.
pub(super) fn raises(function: &str, class: &str) -> bool {
    let name = function.trim_start_matches('_').to_ascii_lowercase();
    let class = class.trim_end_matches('s');
    RAISING.iter().any(|start| name.starts_with(start))
        || RAISING_CLASSES.iter().any(|end| class.ends_with(end.trim_end_matches('s')))
}

/// Whether the runtime raised an exception of this type by itself.
pub(super) fn is_implicit(kind: &str) -> bool {
    let name = kind.rsplit(['.', ':', '\\']).next().unwrap_or(kind);
    IMPLICIT.iter().any(|part| name.contains(part))
}
