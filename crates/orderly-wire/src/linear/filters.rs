//! Filters, as data for variables. Only the comparators that Orderly uses; each maker says what it finds.

use jiff::Timestamp;
use serde::Serialize;

/// Filter of items. Fields of one filter must all match.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueFilter {
    /// Every one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub and: Vec<IssueFilter>,
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<IssueFilter>,
    /// Number within the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// Last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Within>,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateFilter>,
    /// Team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamFilter>,
    /// Attachments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<AtLeastOne<AttachmentFilter>>,
    /// Comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<AtLeastOne<CommentFilter>>,
}

impl IssueFilter {
    /// Items that match one of several.
    pub fn any(or: Vec<Self>) -> Self {
        Self { or, ..Self::default() }
    }

    /// Items whose title holds a text, in either case.
    pub fn title_holds(text: &str) -> Self {
        Self { title: Some(Text::holds(text)), ..Self::default() }
    }

    /// Items whose body holds a text, in either case.
    pub fn body_holds(text: &str) -> Self {
        Self { description: Some(Text::holds(text)), ..Self::default() }
    }

    /// Items with a comment that matches.
    pub fn commented(filter: CommentFilter) -> Self {
        Self { comments: Some(AtLeastOne { some: filter }), ..Self::default() }
    }

    /// Items with an attachment that matches.
    pub fn attached(filter: AttachmentFilter) -> Self {
        Self { attachments: Some(AtLeastOne { some: filter }), ..Self::default() }
    }

    /// Items of these teams that changed within a time.
    pub fn changed(teams: Vec<String>, within: Within) -> Self {
        let updated_at = (within != Within::default()).then_some(within);
        Self { team: Some(TeamFilter::with_keys(teams)), updated_at, ..Self::default() }
    }

    /// The item `TEAM-number`.
    pub fn keyed(team: &str, number: u32) -> Self {
        Self {
            team: Some(TeamFilter::with_key(team)),
            number: Some(Number { eq: number }),
            ..Self::default()
        }
    }
}

/// Comparison with times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Within {
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gte: Option<Timestamp>,
    /// Not after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lte: Option<Timestamp>,
}

/// Filter of attachments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttachmentFilter {
    /// Address.
    pub url: Text,
}

impl AttachmentFilter {
    /// Attachments whose address holds a text.
    pub fn url_holds(text: &str) -> Self {
        Self { url: Text::holds(text) }
    }

    /// Attachments with exactly this address.
    pub fn url_is(url: &str) -> Self {
        Self { url: Text::is(url) }
    }
}

/// Filter of comments.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CommentFilter {
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<CommentFilter>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Text>,
}

impl CommentFilter {
    /// Comments that hold one of several texts.
    pub fn holds_any(texts: &[&str]) -> Self {
        let or = texts.iter().map(|text| Self { or: Vec::new(), body: Some(Text::holds(text)) }).collect();
        Self { or, body: None }
    }
}

/// Filter of teams.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TeamFilter {
    /// Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Text>,
    /// Whether there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
}

impl TeamFilter {
    /// The team with a key, in either case.
    pub fn with_key(key: &str) -> Self {
        Self { key: Some(Text { eq_ignore_case: Some(key.to_owned()), ..Text::default() }), null: None }
    }

    /// Teams with one of several keys.
    pub fn with_keys(keys: Vec<String>) -> Self {
        Self { key: Some(Text { r#in: Some(keys), ..Text::default() }), null: None }
    }
}

/// Filter of labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LabelFilter {
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<LabelFilter>,
    /// Team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamFilter>,
}

impl LabelFilter {
    /// Labels that items of some teams can have: their own and the workspace's.
    pub fn usable_in(teams: Vec<String>) -> Self {
        let of = |team| Self { or: Vec::new(), team: Some(team) };
        let everywhere = of(TeamFilter { key: None, null: Some(true) });
        Self { or: vec![of(TeamFilter::with_keys(teams)), everywhere], team: None }
    }
}

/// Filter of states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StateFilter {
    /// Type.
    #[serde(rename = "type")]
    pub kind: Text,
}

impl StateFilter {
    /// States in which work may still happen.
    pub fn open() -> Self {
        let open = ["triage", "backlog", "unstarted", "started"].map(str::to_owned).to_vec();
        Self { kind: Text { r#in: Some(open), ..Text::default() } }
    }
}

/// At least one of many matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtLeastOne<F> {
    /// The filter.
    pub some: F,
}

/// Comparison with a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Number {
    /// Equal.
    pub eq: u32,
}

/// Comparison with text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    /// Equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eq: Option<String>,
    /// Equal, in either case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eq_ignore_case: Option<String>,
    /// One of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#in: Option<Vec<String>>,
    /// Holds, in either case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains_ignore_case: Option<String>,
}

impl Text {
    /// Exactly this text.
    pub fn is(text: &str) -> Self {
        Self { eq: Some(text.to_owned()), ..Self::default() }
    }

    /// Text that holds this one, in either case.
    pub fn holds(text: &str) -> Self {
        Self { contains_ignore_case: Some(text.to_owned()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn filters_are_written_with_linears_names_and_only_what_they_compare() {
        let filter = IssueFilter::any(vec![
            IssueFilter::title_holds("A-1"),
            IssueFilter::body_holds("A-1"),
            IssueFilter::commented(CommentFilter::holds_any(&["A-1", "/issues/1"])),
            IssueFilter::attached(AttachmentFilter::url_holds("/issues/1")),
            IssueFilter::keyed("PLAT", 7),
            IssueFilter { state: Some(StateFilter::open()), ..IssueFilter::default() },
        ]);
        assert_eq!(
            serde_json::to_value(filter).expect("writable"),
            json!({"or": [
                {"title": {"containsIgnoreCase": "A-1"}},
                {"description": {"containsIgnoreCase": "A-1"}},
                {"comments": {"some": {"or": [
                    {"body": {"containsIgnoreCase": "A-1"}}, {"body": {"containsIgnoreCase": "/issues/1"}}
                ]}}},
                {"attachments": {"some": {"url": {"containsIgnoreCase": "/issues/1"}}}},
                {"number": {"eq": 7}, "team": {"key": {"eqIgnoreCase": "PLAT"}}},
                {"state": {"type": {"in": ["triage", "backlog", "unstarted", "started"]}}}
            ]})
        );
        assert_eq!(
            serde_json::to_value(LabelFilter::usable_in(vec!["PLAT".into()])).expect("writable"),
            json!({"or": [{"team": {"key": {"in": ["PLAT"]}}}, {"team": {"null": true}}]})
        );
    }
}
