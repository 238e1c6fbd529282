//! Stopping a job from outside: Ctrl-C, a closing daemon.

use tokio::sync::watch;

/// Asks a job to stop at its next safe point.
#[derive(Debug)]
pub struct CancelSwitch(watch::Sender<State>);

/// What a job watches. A clone of it watches the same switch.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Receiver<State>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Go,
    Stop,
}

impl CancelSwitch {
    /// A switch and what it is watched through.
    pub fn new() -> (Self, Cancel) {
        let (sender, receiver) = watch::channel(State::Go);
        (Self(sender), Cancel(receiver))
    }

    /// Asks to stop; asking again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(State::Stop);
    }
}

impl Cancel {
    /// Never asks to stop.
    pub fn never() -> Self {
        CancelSwitch::new().1
    }

    /// Whether a stop was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() == State::Stop
    }

    /// Returns once a stop is asked for; never, when nobody can ask any more.
    pub async fn asked(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|state| *state == State::Stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
