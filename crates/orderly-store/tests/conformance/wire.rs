//! A wire to PostgreSQL that can be cut around a COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Where the wire is cut, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears of the COMMIT.
    BeforeTheServer,
    /// The server did it, and nobody hears of that.
    BeforeTheAnswer,
}

/// The wire.
pub struct Wire {
    pub port: u16,
    next: Arc<AtomicU8>,
}

impl Wire {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self { port: listener.local_addr().unwrap().port(), next: Arc::new(AtomicU8::new(0)) };
        let next = Arc::clone(&wire.next);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, port, Arc::clone(&next)));
            }
        });
        wire
    }

    /// The next COMMIT is the last thing that is carried on its connection.
    pub fn cut_next(&self, cut: Cut) {
        self.next.store(if cut == Cut::BeforeTheServer { 1 } else { 2 }, Ordering::SeqCst);
    }
}

async fn carry(mut client: TcpStream, port: u16, next: Arc<AtomicU8>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut out, mut back) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            sent = client.read(&mut out) => {
                let sent = &out[..sent?];
                if sent.is_empty() {
                    return Ok(());
                }
                let cut = if sent.windows(6).any(|w| w == b"COMMIT") { next.swap(0, Ordering::SeqCst) } else { 0 };
                if cut == 1 {
                    return Ok(());
                }
                server.write_all(sent).await?;
                if cut == 2 {
                    // Its answer means that it is done.
                    return server.read(&mut back).await.map(|_| ());
                }
            }
            answered = server.read(&mut back) => {
                let answered = &back[..answered?];
                if answered.is_empty() {
                    return Ok(());
                }
                client.write_all(answered).await?;
            }
        }
    }
}
