//! From the evidence of a crash to a diagnosis in a few sentences, each citing what it rests on.

mod evidence;

pub use evidence::{
    Breadcrumb, Evidence, Exception, Frame, FrameOrigin, Handled, Mechanism, Position, Request, SourceLine,
    Surroundings,
};
