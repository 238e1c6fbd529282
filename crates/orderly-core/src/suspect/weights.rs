//! What each clue is worth, in log odds.
//!
//! A conditional logit over the files of a trace, those that it leads to and "in none of them", fitted (ridge 1) to real
//! crashes of Java and Python projects whose fix is known; `orderly eval locate` measures it.

/// The first file whose frames do not only raise, counted from the crash.
pub(super) const FIRST: f64 = 0.26;
/// The second such file.
pub(super) const SECOND: f64 = 0.69;
/// The third such file.
pub(super) const THIRD: f64 = 0.39;
/// Its frames only raise.
pub(super) const RAISES: f64 = -0.72;
/// Times its share of the own frames.
pub(super) const SHARE: f64 = 1.70;
/// Times its folder's share of the own frames.
pub(super) const FOLDER: f64 = 0.62;
/// It is first, and the crash is in a library that it called.
pub(super) const CALLS_CRASHED_LIBRARY: f64 = 0.85;
/// It is first, and the runtime itself raised the exception.
pub(super) const STATEMENT_FAILED: f64 = 0.96;
/// The message has its name.
pub(super) const NAMED: f64 = 0.41;
/// It stands beside the class of the exception.
pub(super) const BESIDE_EXCEPTION: f64 = -0.72;
/// It calls a function that is called like its own, in a file nearer to the crash.
pub(super) const HANDS_ON: f64 = -0.96;
/// It is not in the trace, but the message names its class.
pub(super) const ONLY_NAMED: f64 = 0.88;
/// It is not in the trace, but the counterpart of one of its first files.
pub(super) const COUNTERPART: f64 = -0.84;
/// "In none of these files".
pub(super) const ELSEWHERE: f64 = 0.15;
/// The same, more often where classes are small files.
pub(super) const ELSEWHERE_JVM: f64 = 0.77;
