//! The cap of a run. An attempt is paid before it is made, whatever becomes of it (invariant I3).

/// What is left of a run's cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    cap: u32,
    spent: u32,
    reserved: u32,
}

/// Which attempt of a decision in this run is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Its first: one was set aside for it.
    First,
    /// A repeat after an unknown outcome: only from what nobody else waits for.
    Repeat,
}

impl Budget {
    /// A cap, with `firsts` decisions that each want one attempt.
    pub const fn new(cap: u32, firsts: u32) -> Self {
        Self { cap, spent: 0, reserved: firsts }
    }

    /// The cap.
    pub const fn cap(self) -> u32 {
        self.cap
    }

    /// What was paid.
    pub const fn spent(self) -> u32 {
        self.spent
    }

    /// Pays an attempt; `false` when the cap does not allow it.
    pub fn pay(&mut self, attempt: Attempt) -> bool {
        let allowed = match attempt {
            Attempt::First => self.spent < self.cap,
            Attempt::Repeat => self.spent.saturating_add(self.reserved) < self.cap,
        };
        if allowed {
            self.spent += 1;
        }
        if attempt == Attempt::First {
            self.forgo();
        }
        allowed
    }

    /// Gives back what was set aside for a decision that will not make its first attempt.
    pub fn forgo(&mut self) {
        self.reserved = self.reserved.saturating_sub(1);
    }
}
