//! From a request in plain words to calls of the other tools: fixed rules, no model, the same words give the same calls.

use super::arguments::{
    Dataset, FindProjects, FindReleases, FindTeams, GetIssueDetails, IncidentList, IncidentShow, IssueSort,
    SearchEvents, SearchIssues,
};
use super::call::Call;

/// The calls that answer a request. `projects` are the slugs that a word may name.
pub fn plan(request: &str, projects: &[String]) -> Vec<Call> {
    let words = Words::of(request);
    if words.any(&["incident", "incidents"]) {
        return incidents(&words);
    }
    let issues: Vec<Call> = words
        .raw
        .iter()
        .filter(|word| names_an_issue(word))
        .map(|word| Call::GetIssueDetails(GetIssueDetails { issue: word.clone() }))
        .collect();
    if !issues.is_empty() {
        return issues;
    }
    let project = projects.iter().find(|slug| words.has(&slug.to_lowercase())).cloned();
    let counts = words.any(&["count", "many"]) || words.has("events");
    let measures = words.any(SLOW);
    let mut calls = Vec::new();
    if words.any(&["team", "teams"]) {
        calls.push(Call::FindTeams(FindTeams::default()));
    }
    if words.has("projects") {
        calls.push(Call::FindProjects(FindProjects::default()));
    }
    // Numbers by release are numbers.
    if words.any(&["release", "releases", "version", "versions"]) && !counts {
        calls.push(Call::FindReleases(FindReleases { project: project.clone(), version: None }));
    }
    if measures {
        calls.push(Call::SearchEvents(slowest(&words, project.clone())));
    } else if counts {
        calls.push(Call::SearchEvents(counted(&words, project.clone())));
    }
    if calls.is_empty() || !counts && words.any(&["issue", "issues", "errors", "crashes"]) {
        calls.push(Call::SearchIssues(issues_of(&words, project)));
    }
    calls
}

const SLOW: &[&str] = &[
    "slow",
    "slowest",
    "latency",
    "duration",
    "throughput",
    "transaction",
    "transactions",
    "p50",
    "p95",
    "performance",
];

/// A request, cut into words.
struct Words {
    raw: Vec<String>,
    lower: Vec<String>,
    quoted: Option<String>,
}

impl Words {
    fn of(request: &str) -> Self {
        let quoted = request.split('"').nth(1).filter(|text| !text.trim().is_empty()).map(str::to_owned);
        let edge = |c: char| !c.is_alphanumeric() && c != '@' && c != '/';
        let raw: Vec<String> = request
            .split_whitespace()
            .map(|word| word.trim_matches(edge).to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        let lower = raw.iter().map(|word| word.to_lowercase()).collect();
        Self { raw, lower, quoted }
    }

    fn has(&self, word: &str) -> bool {
        self.lower.iter().any(|one| one == word)
    }

    fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// The number after `top`, `first` or `last`, or before `issues`.
    fn limit(&self) -> Option<u32> {
        let number =
            |word: Option<&String>| word.and_then(|word| word.parse().ok()).filter(|n| (1..=100).contains(n));
        self.lower.iter().enumerate().find_map(|(n, word)| match word.as_str() {
            "top" | "first" => number(self.lower.get(n + 1)),
            "issues" | "errors" | "events" => {
                n.checked_sub(1).and_then(|before| number(self.lower.get(before)))
            }
            _ => None,
        })
    }

    /// `24h`, `7 days`, `today`, `week`.
    fn period(&self) -> Option<String> {
        self.lower.iter().enumerate().find_map(|(n, word)| {
            let before = n.checked_sub(1).and_then(|before| self.lower.get(before));
            let count = before.and_then(|word| word.parse::<u32>().ok()).unwrap_or(1);
            match word.as_str() {
                "today" => Some("24h".to_owned()),
                "minute" | "minutes" => Some(format!("{count}m")),
                "hour" | "hours" => Some(format!("{count}h")),
                "day" | "days" => Some(format!("{count}d")),
                "week" | "weeks" => Some(format!("{}d", u64::from(count) * 7)),
                short => {
                    let (number, unit) = short.split_at_checked(short.len().checked_sub(1)?)?;
                    let spelt = matches!(unit, "m" | "h" | "d") && number.parse::<u32>().is_ok();
                    spelt.then(|| short.to_owned())
                }
            }
        })
    }
}

/// A short id, the address of an issue's page, or `@latest`.
fn names_an_issue(word: &str) -> bool {
    if word.starts_with('@') {
        return matches!(word, "@latest" | "@most_frequent");
    }
    if word.starts_with("http") {
        return word.contains("/issues/");
    }
    let Some((slug, number)) = word.rsplit_once('-') else { return false };
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !slug.is_empty() && slug.chars().all(upper) && !number.is_empty() && number.chars().all(upper)
}

/// Those that a request names, or all that there are.
fn incidents(words: &Words) -> Vec<Call> {
    let number =
        |word: &&String| word.strip_prefix("inc-").is_some_and(|number| number.parse::<u32>().is_ok());
    let named: Vec<Call> = words
        .lower
        .iter()
        .filter(number)
        .map(|word| Call::IncidentShow(IncidentShow { incident: word.to_uppercase() }))
        .collect();
    if !named.is_empty() {
        return named;
    }
    let all = words.any(&["all", "past", "over", "resolved"]).then_some(true);
    vec![Call::IncidentList(IncidentList { all })]
}

fn issues_of(words: &Words, project: Option<String>) -> SearchIssues {
    let mut query = Vec::new();
    let state = [
        ("regressed", "is:regressed"),
        ("escalating", "is:escalating"),
        ("archived", "is:archived"),
        ("ignored", "is:archived"),
        ("resolved", "is:resolved"),
    ];
    let state = state.into_iter().find(|(word, _)| words.has(word));
    query.push(state.map_or("is:unresolved", |(_, search)| search).to_owned());
    if words.has("review") {
        query.push("is:for_review".to_owned());
    }
    if words.any(&["me", "mine", "my"]) {
        query.push("assigned:me".to_owned());
    }
    if words.has("unassigned") {
        query.push("is:unassigned".to_owned());
    }
    let level = ["fatal", "warning"].into_iter().find(|level| words.has(level));
    query.extend(level.map(|level| format!("level:{level}")));
    query.extend(words.period().map(|period| format!("lastSeen:-{period}")));
    query.extend(words.quoted.as_ref().map(|text| format!("\"{}\"", text.replace(['"', '\\'], " "))));
    let sort = if words.any(&["users", "affected"]) {
        IssueSort::User
    } else if words.any(&["new", "newest"]) {
        IssueSort::New
    } else if words.any(&["latest", "recent"]) {
        IssueSort::Date
    } else if words.any(&["rising", "trending", "trends"]) {
        IssueSort::Trends
    } else {
        IssueSort::Freq
    };
    SearchIssues {
        query: Some(query.join(" ")),
        project,
        sort: Some(sort),
        limit: words.limit(),
        cursor: None,
    }
}

fn slowest(words: &Words, project: Option<String>) -> SearchEvents {
    SearchEvents {
        query: None,
        fields: ["transaction", "count()", "p50(transaction.duration)", "p95(transaction.duration)"]
            .map(str::to_owned)
            .to_vec(),
        sort: Some(
            if words.has("throughput") { "-count()" } else { "-p95(transaction.duration)" }.to_owned(),
        ),
        dataset: Some(Dataset::Transactions),
        project,
        period: words.period(),
        limit: words.limit(),
        cursor: None,
    }
}

fn counted(words: &Words, project: Option<String>) -> SearchEvents {
    let by = ["release", "environment", "project", "title"].into_iter().find(|column| words.has(column));
    SearchEvents {
        query: words.quoted.as_ref().map(|text| format!("\"{}\"", text.replace(['"', '\\'], " "))),
        fields: by.map(str::to_owned).into_iter().chain(["count()".to_owned()]).collect(),
        sort: Some("-count()".to_owned()),
        dataset: Some(Dataset::Errors),
        project,
        period: words.period(),
        limit: words.limit(),
        cursor: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(request: &str) -> String {
        let projects = ["backend".to_owned(), "web-shop".to_owned()];
        let calls = plan(request, &projects);
        calls.iter().map(|call| format!("{call:?}")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_same_words_give_the_same_calls() {
        let requests = [
            "worst issues in backend last 24h",
            "top 3 fatal errors affecting most users",
            "what is BACKEND-3F about?",
            "regressed issues assigned to me",
            "issues with \"connection refused\" in web-shop",
            "slowest transactions in backend, last 7 days",
            "how many events by release today",
            "which teams and projects are there",
            "newest releases of backend",
            "which incidents are open?",
            "how does incident INC-3 stand",
            "",
        ];
        let all: Vec<String> =
            requests.iter().map(|request| format!("{request}\n{}", told(request))).collect();
        insta::assert_snapshot!(all.join("\n\n"));
    }

    #[test]
    fn quotes_of_a_request_cannot_leave_their_term() {
        let calls = plan("issues with \"a\\\" is:resolved \" here", &[]);
        let Call::SearchIssues(SearchIssues { query: Some(query), .. }) = &calls[0] else {
            panic!("{calls:?}")
        };
        assert_eq!(query.matches('"').count(), 2, "{query}");
        assert!(!query.contains('\\'), "{query}");
    }
}
