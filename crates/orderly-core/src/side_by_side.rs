//! The same pure work over many things, on several processors.

use std::thread;

/// Asking how many processors there are would be I/O.
const THREADS: usize = 4;

/// Fewer things than this are done sooner than threads are started.
const WORTH_THREADS: usize = 512;

/// What `work` makes of each thing, in the order of the things. It is the same whatever runs it, and how often at once.
pub(crate) fn map<'t, T: Sync, R: Send>(things: &'t [T], work: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    if things.len() < WORTH_THREADS {
        return things.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let parts = things.chunks(things.len().div_ceil(THREADS));
        let running: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>())).collect();
        let done = running.into_iter().map(|part| match part.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_things_keep_their_order() {
        for count in [0, 1, WORTH_THREADS - 1, WORTH_THREADS, 10 * WORTH_THREADS + 7] {
            let things: Vec<usize> = (0..count).collect();
            let wanted: Vec<String> = things.iter().map(ToString::to_string).collect();
            assert_eq!(map(&things, ToString::to_string), wanted);
        }
    }
}
