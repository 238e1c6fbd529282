//! The one place requests go to: scheme, host and port are fixed when a client is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Where a service is. Every address of a request is made from it, never taken from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Url);

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// No address at all.
    #[error("`{setting}` is `{given}`, which is no web address ({why}): write it as https://host")]
    NotAnAddress {
        /// Name of the setting.
        setting: &'static str,
        /// What was given, without any credentials in it.
        given: String,
        /// What is wrong.
        why: String,
    },
    /// A token would travel in the clear.
    #[error(
        "`{setting}` is `{given}`: plain http is only used on this machine (127.0.0.1, ::1, localhost); write https"
    )]
    Insecure {
        /// Name of the setting.
        setting: &'static str,
        /// What was given.
        given: String,
    },
    /// User, password, query or fragment in the address.
    #[error("`{setting}` holds {what}: write only scheme, host and path")]
    TooMuch {
        /// Name of the setting.
        setting: &'static str,
        /// What is too much.
        what: &'static str,
    },
}

/// Whether traffic leaves the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only this machine; plain http is fine.
    Loopback,
    /// Anywhere else; TLS is needed.
    Network,
}

impl Origin {
    /// Reads the address of `setting`.
    ///
    /// # Errors
    /// [`BadOrigin`], naming the setting and never a password.
    pub fn parse(setting: &'static str, text: &str) -> Result<Self, BadOrigin> {
        let given = || shown(text);
        let url = Url::parse(text.trim()).map_err(|error| BadOrigin::NotAnAddress {
            setting,
            given: given(),
            why: error.to_string(),
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(BadOrigin::NotAnAddress {
                setting,
                given: given(),
                why: "it is not http or https".into(),
            });
        }
        let too_much = [
            (!url.username().is_empty() || url.password().is_some(), "a user name or password"),
            (url.query().is_some(), "a query (`?`)"),
            (url.fragment().is_some(), "a fragment (`#`)"),
        ];
        if let Some((_, what)) = too_much.into_iter().find(|(is, _)| *is) {
            return Err(BadOrigin::TooMuch { setting, what });
        }
        let origin = Self(url);
        if origin.0.scheme() == "http" && origin.reach() == Reach::Network {
            return Err(BadOrigin::Insecure { setting, given: given() });
        }
        Ok(origin)
    }

    /// Whether requests stay on this machine.
    pub fn reach(&self) -> Reach {
        let is_loopback = match self.0.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == LOCALHOST,
            None => false,
        };
        if is_loopback { Reach::Loopback } else { Reach::Network }
    }

    /// The host as text, with its port when that is not the scheme's own.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| [host, ":", &port.to_string()].concat())
    }

    /// The address itself, without a slash at its end.
    pub fn base(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address as it is.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// An address below this one. Segments are escaped, so that none can reach another path or host; Sentry's paths
    /// end with a slash.
    pub fn below(&self, segments: &[&str], query: &[(&'static str, String)]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments).push("");
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Addresses that `localhost` stands for, whatever a resolver says; none for other hosts.
    pub(super) fn pinned(&self) -> Option<(&'static str, [SocketAddr; 2])> {
        let port = self.0.port_or_known_default().unwrap_or(0);
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        (self.0.host_str() == Some(LOCALHOST))
            .then(|| (LOCALHOST, loopback.map(|ip| SocketAddr::new(ip, port))))
    }
}

const LOCALHOST: &str = "localhost";

/// An address as an error may show it: nothing before an `@`, no control characters, not endless.
fn shown(text: &str) -> String {
    let text = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine_are_accepted() {
        for (text, reach) in [
            ("https://sentry.io", Reach::Network),
            ("https://sentry.example.com:8443/sub/", Reach::Network),
            ("http://127.0.0.1:9000", Reach::Loopback),
            ("http://127.9.9.9", Reach::Loopback),
            ("http://[::1]:9000/graphql", Reach::Loopback),
            ("http://localhost:9000", Reach::Loopback),
            ("https://localhost", Reach::Loopback),
        ] {
            assert_eq!(Origin::parse("sentry.url", text).map(|o| o.reach()), Ok(reach), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_no_password_is_repeated() {
        for text in [
            "",
            "sentry.io",
            "ftp://sentry.io",
            "file:///etc/passwd",
            "http://sentry.io",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://2130706433.example",
            "http://user:hunter2@evil.example",
            "https://user:hunter2@sentry.io",
            "https://hunter2@sentry.io",
            "https://sentry.io/?token=x",
            "https://sentry.io/#x",
            "https://user:hunter2@",
        ] {
            let error = Origin::parse("sentry.url", text).expect_err(text).to_string();
            assert!(error.contains("sentry.url"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn no_segment_leaves_the_path_it_is_in() {
        let origin = Origin::parse("sentry.url", "https://sentry.io").expect("an address");
        for segment in
            ["../../admin", "a/b", "a?b=c", "a#b", "//evil.example", "@evil.example", "..", "a\r\nb", "é"]
        {
            let url = origin.below(&["api", "0", segment, "issues"], &[("query", "a&b=c".into())]);
            assert_eq!(url.origin(), origin.url().origin(), "{segment}");
            assert!(url.path().starts_with("/api/0/"), "{url}");
            assert!(url.path().ends_with("/issues/"), "{url}");
            assert_eq!(url.query(), Some("query=a%26b%3Dc"));
        }
    }

    #[test]
    fn localhost_is_this_machine_whatever_a_resolver_says() {
        let origin = Origin::parse("sentry.url", "http://localhost:9000").expect("an address");
        let (name, addresses) = origin.pinned().expect("localhost is pinned");
        assert_eq!(name, "localhost");
        assert!(addresses.iter().all(|a| a.ip().is_loopback() && a.port() == 9000));
        assert_eq!(Origin::parse("sentry.url", "https://sentry.io").expect("an address").pinned(), None);
    }
}
