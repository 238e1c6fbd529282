//! What is known of agents, addresses and hosts that are no customers and no code of ours.

use url_parts::host;

/// Words in a `User-Agent` or a browser's name that only programs have.
const BOTS: [&str; 26] = [
    "bot/",
    "bot ",
    "bot;",
    "bot)",
    "googlebot",
    "bingbot",
    "yandexbot",
    "crawler",
    "spider",
    "slurp",
    "headlesschrome",
    "phantomjs",
    "lighthouse",
    "pingdom",
    "uptimerobot",
    "facebookexternalhit",
    "bytespider",
    "petalbot",
    "ahrefs",
    "semrush",
    "python-requests",
    "go-http-client",
    "curl/",
    "wget/",
    "okhttp-bot",
    "scrapy",
];

/// Schemes and addresses that extensions and apps around a page have.
const INJECTED: [&str; 9] = [
    "chrome-extension:",
    "moz-extension:",
    "safari-extension:",
    "safari-web-extension:",
    "ms-browser-extension:",
    "extensions::",
    "webkit-masked-url:",
    "user-script:",
    "chrome://",
];

/// Hosts of scripts that many pages include and nobody of them wrote.
const THIRD_PARTY: [&str; 30] = [
    "googletagmanager.com",
    "google-analytics.com",
    "googlesyndication.com",
    "doubleclick.net",
    "googleadservices.com",
    "connect.facebook.net",
    "facebook.net",
    "hotjar.com",
    "clarity.ms",
    "intercom.io",
    "intercomcdn.com",
    "segment.com",
    "segment.io",
    "mixpanel.com",
    "amplitude.com",
    "fullstory.com",
    "zdassets.com",
    "hs-scripts.com",
    "hs-analytics.net",
    "hsforms.net",
    "criteo.com",
    "criteo.net",
    "taboola.com",
    "outbrain.com",
    "tiktok.com",
    "snapchat.com",
    "cookielaw.org",
    "onetrust.com",
    "newrelic.com",
    "nr-data.net",
];

/// Whether a `User-Agent` or the name of a browser is a program's.
pub(super) fn is_bot(agent: &str) -> bool {
    let agent = agent.to_lowercase();
    BOTS.iter().any(|word| agent.contains(word)) || agent.ends_with("bot")
}

/// Whether the file of a frame belongs to an extension or was injected.
pub(super) fn is_injected(file: &str) -> bool {
    let file = file.to_lowercase();
    INJECTED.iter().any(|scheme| file.starts_with(scheme))
}

/// The third-party host that a file is from.
pub(super) fn third_party<'a>(file: &'a str, more: &[String]) -> Option<&'a str> {
    let host = host(file)?;
    let known = THIRD_PARTY.iter().copied().chain(more.iter().map(String::as_str));
    let of = |domain: &str| {
        let rest = host.len().checked_sub(domain.len()).map(|at| host.split_at(at));
        rest.is_some_and(|(before, end)| {
            end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.'))
        })
    };
    known
        .into_iter()
        .any(|domain| host.is_char_boundary(host.len().saturating_sub(domain.len())) && of(domain))
        .then_some(host)
}

/// Whether an address is of the machine it was called on.
pub(super) fn is_own_machine(address: &str) -> bool {
    host(address).is_some_and(|host| {
        let host = host.to_ascii_lowercase();
        host == "localhost"
            || host.starts_with("127.")
            || host == "[::1]"
            || host == "0.0.0.0"
            || [".localhost", ".local", ".test"].iter().any(|end| host.ends_with(end))
    })
}

/// Addresses, as far as the rules read them.
mod url_parts {
    /// Host of an address, without port and user.
    pub(super) fn host(address: &str) -> Option<&str> {
        let (_, rest) = address.split_once("://")?;
        let place = rest.split(['/', '?', '#']).next()?;
        let place = place.rsplit('@').next()?;
        let host = if place.starts_with('[') {
            place.split_inclusive(']').next()?
        } else {
            place.split(':').next()?
        };
        (!host.is_empty()).then_some(host)
    }
}
