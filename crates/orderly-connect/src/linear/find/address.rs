//! Addresses of items, as Sentry's links hold them.

use orderly_wire::linear::filters::IssueFilter;
use orderly_wire::linear::nodes::IssueNode;
use url::Url;

/// Address of an item: `https://linear.app/acme/issue/PLAT-12/some-title`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ItemAddress {
    /// `linear.app/acme`.
    place: String,
    team: String,
    number: u32,
}

impl ItemAddress {
    /// `None` unless the address is one of an item of the tracker at `tracker_host` (`api.linear.app` keeps what
    /// `linear.app` shows).
    pub fn parse(address: &str, tracker_host: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = host_of(&url)?;
        let shown_at = tracker_host.strip_prefix("api.").unwrap_or(tracker_host);
        if host != shown_at && host != tracker_host {
            return None;
        }
        let mut segments = url.path_segments()?;
        let before: Vec<&str> = segments.by_ref().take_while(|segment| *segment != "issue").collect();
        let (team, number) = segments.next()?.rsplit_once('-')?;
        let is_key = !team.is_empty() && team.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let place = [host.as_str()].into_iter().chain(before).collect::<Vec<_>>().join("/").to_lowercase();
        let number = number.parse().ok()?;
        is_key.then(|| Self { place, team: team.to_ascii_uppercase(), number })
    }

    /// `PLAT-12`.
    pub fn key(&self) -> String {
        [&self.team, "-", &self.number.to_string()].concat()
    }

    /// Finds the item by key.
    pub fn filter(&self) -> IssueFilter {
        IssueFilter::keyed(&self.team, self.number)
    }

    /// Whether an item has this key and is kept in the same workspace: another may have a team of the same key.
    pub fn leads_to(&self, node: &IssueNode) -> bool {
        node.identifier.eq_ignore_ascii_case(&self.key()) && self.same_workspace(node)
    }

    /// Whether an item is kept in the workspace of this address.
    pub fn same_workspace(&self, node: &IssueNode) -> bool {
        let host = Url::parse(&node.url).ok().as_ref().and_then(host_of).unwrap_or_default();
        Self::parse(&node.url, &host).is_some_and(|address| address.place == self.place)
    }
}

/// Host and port.
fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?.to_owned();
    Some(url.port().map_or_else(|| host.clone(), |port| [&host, ":", &port.to_string()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_address_is_read_only_on_the_tracker_itself() {
        let parse = |url: &str| ItemAddress::parse(url, "api.linear.app").map(|a| (a.place.clone(), a.key()));
        let item = |place: &str, key: &str| Some((place.to_owned(), key.to_owned()));
        assert_eq!(
            parse("https://linear.app/acme/issue/PLAT-12/a-title"),
            item("linear.app/acme", "PLAT-12")
        );
        assert_eq!(parse("https://linear.app/acme/issue/plat-12"), item("linear.app/acme", "PLAT-12"));
        for url in [
            "https://linear.app/acme/project/PLAT-12",
            "https://linear.app/acme/issue/",
            "https://linear.app/acme/issue/PLAT",
            "https://linear.app/acme/issue/PLAT-x",
            "https://linear.app/acme/issue/-1",
            "https://linear.app.evil.example/acme/issue/PLAT-12",
            "https://github.com/acme/issue/PLAT-12",
            "linear.app/acme/issue/PLAT-12",
            "",
        ] {
            assert_eq!(parse(url), None, "{url}");
        }
        let local = ItemAddress::parse("http://127.0.0.1:7001/acme/issue/PLAT-1/x", "127.0.0.1:7001");
        assert_eq!(local.map(|a| a.key()).as_deref(), Some("PLAT-1"));
    }

    #[test]
    fn an_item_of_the_same_key_in_another_workspace_is_another_item() {
        let node = crate::linear::items::tests::node(serde_json::json!({}));
        let address = |url: &str| ItemAddress::parse(url, "api.linear.app").expect("an item");
        assert!(address("https://linear.app/acme/issue/PLAT-12").leads_to(&node));
        assert!(address("https://linear.app/ACME/issue/plat-12").leads_to(&node));
        assert!(!address("https://linear.app/other/issue/PLAT-12").leads_to(&node));
        assert!(!address("https://linear.app/acme/issue/PLAT-13").leads_to(&node));
    }
}
