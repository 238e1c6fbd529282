//! The watch on a screen: one task looks, the screen shows what it saw last.

use super::{failed, pause, told};
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use orderly_core::diagnose::EventWords;
use orderly_core::time::Seconds;
use orderly_core::watch::Sight;
use orderly_engine::watch::WatchJob;
use orderly_tui::WatchView;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Sets its flag when it goes away: the screen gives the terminal back whatever ends the watch.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Shows it until the person leaves.
pub(super) async fn show(
    job: &WatchJob<'_>,
    words: &EventWords<'_>,
    first: Sight,
    (every, since): (Seconds, Seconds),
    printer: Printer,
) -> Result<(), Failure> {
    let palette = printer.side_style().palette();
    let view = Arc::new(Mutex::new(told::view(&first, words, every)));
    let stop = Stop(Arc::new(AtomicBool::new(false)));
    let (shown, ended) = (Arc::clone(&view), Arc::clone(&stop.0));
    let screen = tokio::task::spawn_blocking(move || orderly_tui::watch(&shown, palette, &ended));
    let looking = async {
        loop {
            pause(every).await;
            let seen = job.look(since).await;
            let mut view = view.lock().unwrap_or_else(PoisonError::into_inner);
            match seen {
                Ok(sight) => *view = told::view(&sight, words, every),
                Err(cause) => old(&mut view, &failed(&cause).message),
            }
        }
    };
    let left = tokio::select! {
        left = screen => left,
        () = looking => return Ok(()),
    };
    left.map_err(std::io::Error::other).and_then(|left| left).map_err(|error| {
        Failure::new(Kind::Incomplete, "the screen cannot be shown")
            .because(&error)
            .hint("`orderly watch --json` writes lines")
    })
}

/// What was seen last stays, and the title says that it is old.
fn old(view: &mut WatchView, why: &str) {
    view.title = format!("{} (this is old: {why})", told::TITLE);
}
