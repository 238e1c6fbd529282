//! Links between an issue and other systems: how Sentry tells them, and how an app's link is written.

use super::tolerant;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A link as Sentry's pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation {
    /// Label: `linear#PLAT-12`.
    pub display_name: String,
    /// Address, if it has one.
    pub url: Option<String>,
}

impl<'de> Deserialize<'de> for Annotation {
    /// Servers before 2024 send a piece of HTML: `<a href="https://…">PLAT-12</a>`.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        match Value::deserialize(input)? {
            Value::String(html) => Ok(Self::from_html(&html)),
            Value::Object(map) => {
                let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
                Ok(Self {
                    display_name: text("displayName").or_else(|| text("display_name")).unwrap_or_default(),
                    url: text("url").filter(|url| !url.is_empty()),
                })
            }
            _ => Err(serde::de::Error::custom("an annotation is text or an object")),
        }
    }
}

impl Annotation {
    fn from_html(html: &str) -> Self {
        let url = html.split_once("href=").and_then(|(_, rest)| quoted(rest)).map(unescaped);
        Self { display_name: unescaped(&without_tags(html)), url: url.filter(|url| !url.is_empty()) }
    }
}

/// The text between the first pair of quotes of either kind.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text.get(1..)?.split(quote).next()
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// The five entities that Sentry's escaping makes. `&amp;` comes last, so that nothing is unescaped twice.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// A link that an app or an integration keeps for an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalIssue {
    /// Id of the link.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub id: String,
    /// Slug of the app.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub service_type: Option<String>,
    /// Label, escaped for HTML by the server: `PLAT#PLAT-12`.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub display_name: Option<String>,
    /// Key in the other system (integrations).
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub key: Option<String>,
    /// Address; integrations tell none here.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub web_url: Option<String>,
}

impl ExternalIssue {
    /// The label as it was given, without the server's escaping; the key where there is no label.
    pub fn label(&self) -> String {
        self.display_name.as_deref().or(self.key.as_deref()).map(unescaped).unwrap_or_default()
    }
}

/// What is sent to write an app's link: an upsert, one link per app and issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewExternalIssue {
    /// Numeric id of the issue.
    pub issue_id: u64,
    /// Address of the item.
    pub web_url: String,
    /// First half of the label.
    pub project: String,
    /// Second half of the label.
    pub identifier: String,
}

/// An installed app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Id of the installation.
    #[serde(deserialize_with = "tolerant::id")]
    pub uuid: String,
    /// The app.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub app: AppRef,
    /// `installed` or `pending`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub status: String,
}

/// An app, as an installation names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRef {
    /// Id of the app.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub uuid: String,
    /// Slug.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub slug: String,
}

#[cfg(test)]
mod tests;
