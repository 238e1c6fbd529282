//! Where webhooks may be sent: to this machine, and elsewhere only when that was configured.

use url::{Host, Url};

/// How far webhooks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// To loopback addresses.
    #[default]
    ThisMachine,
    /// To any host.
    Anywhere,
}

/// An address that webhooks are not sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is not an http or https address.
    #[error("a webhook is sent to an http or https address without a user name in it")]
    NotHttp,
    /// It is another machine's.
    #[error(
        "webhooks are only sent to this machine (127.0.0.1, ::1, localhost); start the server with --webhooks-anywhere for others"
    )]
    NotHere,
}

/// Reads an address that webhooks may be sent to.
///
/// # Errors
/// When it is no web address, or out of reach.
pub fn read(text: &str, reach: Reach) -> Result<Url, BadAddress> {
    let url = Url::parse(text).map_err(|_| BadAddress::NotHttp)?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain {
        return Err(BadAddress::NotHttp);
    }
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(BadAddress::NotHttp),
    };
    if here || reach == Reach::Anywhere { Ok(url) } else { Err(BadAddress::NotHere) }
}
