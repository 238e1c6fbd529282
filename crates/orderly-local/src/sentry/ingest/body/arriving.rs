//! A body on its way in: counted, and given up on when its sender takes too long.

use std::io;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use futures::{Stream, StreamExt, stream};
use tokio::time::Instant;

use crate::sentry::ingest::refusal::Refusal;

/// How long a sender may let us wait, all in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is left of a body.
#[derive(Debug)]
pub(super) struct Arriving {
    parts: BodyDataStream,
    limit: usize,
    received: usize,
    patience: Duration,
}

impl Arriving {
    /// A body of at most `limit` bytes as they are sent.
    pub(super) fn new(body: Body, limit: usize) -> Self {
        Self { parts: body.into_data_stream(), limit, received: 0, patience: PATIENCE }
    }

    /// The next part; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let asked = Instant::now();
        let part = tokio::time::timeout(self.patience, self.parts.next()).await;
        self.patience = self.patience.saturating_sub(asked.elapsed());
        let Some(part) = part.map_err(|_| Refusal::TooSlow)? else { return Ok(None) };
        let part = part.map_err(|error| Refusal::BrokenBody(error.to_string()))?;
        self.received += part.len();
        if self.received > self.limit {
            return Err(Refusal::body_too_large(self.limit));
        }
        Ok(Some(part))
    }

    /// The rest of it, for readers that only know I/O errors; each carries a [`Refusal`].
    pub(super) fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin {
        Box::pin(stream::unfold(self, async |mut body| {
            let part = body.next().await.map_err(io::Error::other).transpose()?;
            Some((part, body))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sender_that_takes_too_long_is_given_up_on() {
        let drops = stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"{}"))]).chain(stream::pending());
        let mut body = Arriving::new(Body::from_stream(drops), 100);
        body.patience = Duration::from_millis(1);
        assert_eq!(body.next().await.unwrap().unwrap(), "{}");
        assert!(matches!(body.next().await, Err(Refusal::TooSlow)));
    }

    #[tokio::test]
    async fn a_body_without_end_is_cut_off_at_the_limit() {
        let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b' '; 64])));
        let mut body = Arriving::new(Body::from_stream(endless), 1000);
        let refused = loop {
            if let Err(refused) = body.next().await {
                break refused;
            }
        };
        assert!(matches!(refused, Refusal::TooLarge { limit: 1000, .. }));
    }
}
