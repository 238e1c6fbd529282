//! What each clue is worth, in log odds.
//!
//! A conditional logit over the files of a trace and "in none of them", fitted (ridge 1) to real crashes of Java and
//! Python projects whose fix is known; `orderly eval locate` measures it.

/// The first file whose frames do not only raise, counted from the crash.
pub(super) const FIRST: f64 = 0.28;
/// The second such file.
pub(super) const SECOND: f64 = 0.66;
/// The third such file.
pub(super) const THIRD: f64 = 0.36;
/// Times the logarithm of the place, from 1.
pub(super) const PLACE: f64 = -0.23;
/// Its frames only raise.
pub(super) const RAISES: f64 = -0.40;
/// Times its share of the own frames.
pub(super) const SHARE: f64 = 1.77;
/// Times its folder's share of the own frames.
pub(super) const FOLDER: f64 = 0.80;
/// It is first, and the crash is in a library that it called.
pub(super) const CALLS_CRASHED_LIBRARY: f64 = 0.84;
/// It is first, and the runtime itself raised the exception.
pub(super) const STATEMENT_FAILED: f64 = 1.09;
/// The message has its name.
pub(super) const NAMED: f64 = 0.40;
/// It stands beside the class of the exception.
pub(super) const BESIDE_EXCEPTION: f64 = -0.62;
/// It is where the trace enters the own code.
pub(super) const ENTRY: f64 = 0.44;
/// It stands beside the file of the crash.
pub(super) const BESIDE_CRASH: f64 = -0.27;
/// "In none of the files of the trace".
pub(super) const ELSEWHERE: f64 = 0.32;
/// The same, more often where classes are small files.
pub(super) const ELSEWHERE_JVM: f64 = 1.02;
