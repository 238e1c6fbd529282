//! Stack traces that people pasted into the text of an item.
//!
//! One pass over the lines. A line is a frame of some platform, the head of an exception, or neither; frames that follow
//! one another make a stack, and the head next to them names what was thrown. Quotes and list marks of trackers
//! (`> `, `| `) in front of a line are ignored.

mod line;
#[cfg(test)]
mod tests;

use super::frame::{self, NormalFrame, RawFrame};
use super::platform::Platform;
use line::{Line, Order};
use serde::{Deserialize, Serialize};

/// Frames of a pasted stack that are kept; what is deeper names nothing.
const MOST_FRAMES: usize = 100;
/// Lines that are no frame and may stand within a stack: source lines, markers, blank lines of a bad paste.
const MOST_BETWEEN: usize = 2;

/// A stack trace found in text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastedTrace {
    /// Whose form it has.
    pub platform: Platform,
    /// What was thrown, where the text says so.
    pub thrown: Option<PastedException>,
    /// Normal forms, crash frame first, whatever the order of the text.
    pub frames: Vec<NormalFrame>,
}

/// The head of a pasted trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastedException {
    /// Type, as written; empty where only a message stands there.
    pub kind: String,
    /// Message, as written; may be empty.
    pub message: String,
}

/// Every stack trace in a text, in the order of the text; each part of a chain of causes is one.
pub fn find(text: &str) -> Vec<PastedTrace> {
    let mut finder = Finder::default();
    for line in text.lines() {
        finder.read(without_quote(line));
    }
    finder.close();
    finder.found
}

/// Marks that trackers and mail put in front of lines.
fn without_quote(line: &str) -> &str {
    let mut line = line.trim();
    while let Some(rest) = line.strip_prefix("> ").or_else(|| line.strip_prefix("| ")) {
        line = rest.trim_start();
    }
    line
}

/// What is known while reading.
#[derive(Default)]
struct Finder<'a> {
    found: Vec<PastedTrace>,
    /// The head that was read last, and how many lines ago.
    head: Option<(PastedException, usize)>,
    stack: Vec<(Order, RawFrame<'a>)>,
    platform: Option<Platform>,
    /// Lines since the last frame.
    between: usize,
}

impl<'a> Finder<'a> {
    fn read(&mut self, text: &'a str) {
        match line::read(text, self.platform) {
            Line::Frame { platform, order, frame } => {
                if self.platform.is_some_and(|open| open != platform) {
                    self.close();
                }
                self.platform = Some(platform);
                self.between = 0;
                if self.stack.len() < MOST_FRAMES {
                    self.stack.push((order, frame));
                }
            }
            Line::FileOfFrame(file) => {
                self.between = 0;
                if let Some((_, frame)) = self.stack.last_mut() {
                    frame.file = file;
                }
            }
            Line::Head { kind, message } => {
                let head = PastedException { kind: kind.to_owned(), message: message.to_owned() };
                // Python prints the head behind its frames, all others in front.
                if self.stack.last().is_some_and(|(order, _)| *order == Order::CrashLast) {
                    self.head = Some((head, 0));
                    self.close();
                } else {
                    self.close();
                    self.head = Some((head, 0));
                }
            }
            Line::Begins => {
                self.close();
                self.head = None;
            }
            Line::Other => {
                self.between += 1;
                let most = if self.stack.is_empty() { MOST_BETWEEN + 2 } else { MOST_BETWEEN };
                if let Some((_, age)) = &mut self.head {
                    *age += 1;
                }
                if self.between > most {
                    self.close();
                }
            }
        }
    }

    /// Ends the stack at hand, if there is one.
    fn close(&mut self) {
        let stack = std::mem::take(&mut self.stack);
        let platform = self.platform.take();
        self.between = 0;
        let head = self.head.take_if(|(_, age)| !stack.is_empty() || *age > MOST_BETWEEN + 2);
        let Some(platform) = platform.filter(|_| !stack.is_empty()) else { return };
        let crash_last =
            stack.iter().filter(|(order, _)| *order == Order::CrashLast).count() * 2 > stack.len();
        let raw = stack.into_iter().map(|(_, frame)| frame);
        let frames = if crash_last { frame::stack(platform, raw.rev()) } else { frame::stack(platform, raw) };
        let thrown = head.map(|(head, _)| head);
        // One line that looks like a frame may be prose; a head beside it makes it a trace.
        if frames.len() >= 2 || frames.len() == 1 && thrown.is_some() {
            self.found.push(PastedTrace { platform, thrown, frames });
        }
    }
}
