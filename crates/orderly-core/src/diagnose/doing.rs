//! What was being done: the last steps before the crash, and the request.

use super::diagnosis::{About, Bullet, Cite, Said};
use super::evidence::{Breadcrumb, Evidence};
use crate::untrusted::Untrusted;

/// Steps that are told.
const STEPS: usize = 3;

/// Categories that say what a person or the program did; others (logs, console) are noise beside them.
const TELLING: [&str; 10] =
    ["navigation", "ui", "touch", "http", "fetch", "xhr", "query", "rpc", "grpc", "request"];

/// What was being done.
pub(super) fn doing(evidence: &Evidence) -> Bullet {
    let mut says = Vec::new();
    let mut cites = Vec::new();
    if let Some(request) = &evidence.request {
        says.push(Said::words("It was about the request "));
        if let Some(method) = &request.method {
            says.extend([Said::Event(method.clone()), Said::words(" ")]);
        }
        says.push(Said::Event(request.url.clone()));
        cites.push(Cite::Request);
    } else if let Some(transaction) = &evidence.transaction {
        says.extend([Said::words("It was running "), Said::Event(transaction.clone())]);
        cites.push(Cite::Transaction);
    }
    let steps = last_steps(&evidence.breadcrumbs);
    if !steps.is_empty() {
        says.push(Said::words(if cites.is_empty() { "Before: " } else { "; before: " }));
        for (number, (at, crumb)) in steps.into_iter().enumerate() {
            says.extend((number > 0).then(|| Said::words(", then ")));
            says.extend(step(crumb));
            cites.push(Cite::Breadcrumb(at));
        }
    }
    if cites.is_empty() {
        says.push(Said::words("The event does not say what was being done: no request, no breadcrumbs"));
        cites.push(Cite::Absent("request or breadcrumbs".to_owned()));
    }
    says.push(Said::words("."));
    Bullet { about: About::Doing, says, cites }
}

/// The last telling breadcrumbs; when none tells, the last ones. Oldest first.
fn last_steps(crumbs: &[Breadcrumb]) -> Vec<(usize, &Breadcrumb)> {
    let telling = |crumb: &Breadcrumb| {
        let category = crumb.category.as_ref().map(|c| c.as_raw_str().to_lowercase()).unwrap_or_default();
        let first = category.split('.').next().unwrap_or_default();
        TELLING.contains(&first)
    };
    let pick = |wanted: &dyn Fn(&Breadcrumb) -> bool| {
        let all = crumbs.iter().enumerate().rev();
        let mut steps: Vec<_> = all.filter(|(_, c)| wanted(c) && says_something(c)).take(STEPS).collect();
        steps.reverse();
        steps
    };
    let steps = pick(&telling);
    if steps.is_empty() { pick(&|_| true) } else { steps }
}

fn says_something(crumb: &Breadcrumb) -> bool {
    crumb.message.is_some() || ["to", "url"].iter().any(|key| value(crumb, key).is_some())
}

fn value<'a>(crumb: &'a Breadcrumb, key: &str) -> Option<&'a Untrusted<String>> {
    crumb.data.iter().find(|(known, _)| known.as_raw_str() == key).map(|(_, value)| value)
}

/// `navigation to /cart`, `POST /api/pay answered 500`, `ui.click button.pay`.
fn step(crumb: &Breadcrumb) -> Vec<Said> {
    let mut says = Vec::new();
    if let Some(to) = value(crumb, "to") {
        says.extend([Said::words("navigation to "), Said::Event(without_query(to))]);
        return says;
    }
    if let Some(url) = value(crumb, "url") {
        says.push(Said::words("request "));
        if let Some(method) = value(crumb, "method") {
            says.extend([Said::Event(method.clone()), Said::words(" ")]);
        }
        says.push(Said::Event(without_query(url)));
        if let Some(status) = value(crumb, "status_code") {
            says.extend([Said::words(" answered "), Said::Event(status.clone())]);
        }
        return says;
    }
    if let Some(category) = &crumb.category {
        says.extend([Said::Event(category.clone()), Said::words(" ")]);
    }
    says.extend(crumb.message.clone().map(Said::Event));
    says
}

/// Queries of addresses hold what people typed.
fn without_query(url: &Untrusted<String>) -> Untrusted<String> {
    let text = url.as_raw_str();
    Untrusted::new(text.split(['?', '#']).next().unwrap_or(text).to_owned())
}
