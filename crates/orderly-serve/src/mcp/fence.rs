//! The word that marks what was written by whoever sent an event.

/// A random word. It is a help for honest readers and no protection: that is what the gates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence(String);

impl Fence {
    /// From random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("quoted-{}", hex::encode(random)))
    }

    /// The word.
    pub fn word(&self) -> &str {
        &self.0
    }
}
