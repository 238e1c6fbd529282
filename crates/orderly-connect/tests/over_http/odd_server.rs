//! A server that answers everything in one odd manner, and a log that can be read afterwards.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const TOKEN: &str = "canary-token-9d1e";

/// What a server does with every request.
#[derive(Clone)]
pub enum Manner {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Says nothing.
    Silence,
}

/// A server that answers everything in one manner and keeps what it was sent.
pub struct Odd {
    pub address: std::net::SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Odd {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let task = tokio::spawn(serve(listener, manner, heard.clone()));
        Self { address, heard, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no test panics while it holds this").clone()
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, manner: Manner, heard: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (manner, heard) = (manner.clone(), heard.clone());
        tokio::spawn(async move {
            let mut stream = stream;
            let request = hear(&mut stream).await;
            heard.lock().expect("no test panics while it holds this").push(request);
            match manner {
                Manner::Bytes(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.shutdown().await;
                }
                Manner::Silence => std::future::pending().await,
            }
        });
    }
}

/// Reads a request to the end of its body.
async fn hear(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                return text;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return text,
        }
    }
}

pub fn http(status: &str, headers: &str, body: &str) -> Manner {
    let length = body.len();
    Manner::Bytes(
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
            .into_bytes(),
    )
}

pub fn json(body: &str) -> Manner {
    http("200 OK", "content-type: application/json\r\n", body)
}

/// Keeps what is logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panics while writing")).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
