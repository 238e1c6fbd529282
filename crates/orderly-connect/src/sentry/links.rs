//! Links between Sentry's issues and other systems: reading them, and writing ours.

use super::SentryClient;
use super::api::Ask;
use async_trait::async_trait;
use orderly_core::answer::Cause;
use orderly_core::ids::IssueId;
use orderly_core::sync::snapshot::{ExternalLink, LinkBackPath};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::sentry::{Answered, LinkBackOrder, SentryLink};
use orderly_wire::sentry::external::{ExternalIssue, Installation, NewExternalIssue};
use orderly_wire::sentry::issue::Issue;
use serde_json::Value;

/// Links that an issue carries in a list or its details. An address is told once, by the most telling source.
pub(super) fn of_issue(issue: &Issue) -> Vec<ExternalLink> {
    let apps = issue.sentry_app_issues.iter().flatten().map(|link| of_app(link, "app"));
    let annotations = issue.annotations.iter().map(|annotation| ExternalLink {
        source: "annotation".to_owned(),
        label: Untrusted::new(annotation.display_name.clone()),
        url: Untrusted::new(annotation.url.clone().unwrap_or_default()),
    });
    let integrations = issue.integration_issues.iter().map(|link| of_app(link, "integration"));
    let mut links: Vec<ExternalLink> = Vec::new();
    for link in apps.chain(annotations).chain(integrations) {
        let told = |known: &ExternalLink| {
            if link.url.raw().is_empty() { known.label == link.label } else { known.url == link.url }
        };
        if !links.iter().any(told) {
            links.push(link);
        }
    }
    links
}

fn of_app(link: &ExternalIssue, otherwise: &str) -> ExternalLink {
    ExternalLink {
        source: link.service_type.clone().unwrap_or_else(|| otherwise.to_owned()),
        label: Untrusted::new(link.label()),
        url: Untrusted::new(link.web_url.clone().unwrap_or_default()),
    }
}

impl SentryClient {
    /// Links of apps, fresh.
    pub(super) async fn app_links(&self, id: IssueId) -> Result<Answered<Vec<ExternalLink>>, Cause> {
        let answer = self.app_links_on_wire(id).await?;
        let value = answer.value.iter().map(|link| of_app(link, "app")).collect();
        Ok(Answered { value, request: answer.request })
    }

    async fn app_links_on_wire(&self, id: IssueId) -> Result<super::api::Answer<Vec<ExternalIssue>>, Cause> {
        let id = id.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "external-issues"];
        let subject = ["the links of issue ", &id].concat();
        self.api.get(Ask { path: &path, scope: "`event:read`", subject: &subject }, &[]).await
    }

    /// Installed apps of the organization.
    pub(super) async fn installations(&self) -> Result<Vec<Installation>, Cause> {
        let path = ["organizations", self.org.as_str(), "sentry-app-installations"];
        let subject = ["the installed apps of `", self.org.as_str(), "`"].concat();
        self.api
            .get_all(Ask { path: &path, scope: "`org:read` or `org:integrations`", subject: &subject })
            .await
    }

    /// The installation that links are written through, or the step that makes one.
    pub(super) async fn find_path(&self) -> LinkBackPath {
        match self.installations().await {
            Ok(installed) => choose(&installed, self.link_app.as_deref(), self.api.base(), self.org.as_str()),
            Err(cause) => LinkBackPath::Unavailable {
                step: format!(
                    "let the token list the installed apps (scope `org:read` or `org:integrations`): {cause}"
                ),
            },
        }
    }
}

/// Only an installed app can hold a link, and each app holds one a issue: another vendor's slot is never taken unless
/// configuration names it.
fn choose(installed: &[Installation], wanted: Option<&str>, base: &str, org: &str) -> LinkBackPath {
    let ours = |slug: &str| slug == "orderly" || slug.starts_with("orderly-");
    let fits = |i: &&Installation| match wanted {
        Some(wanted) => i.uuid == wanted || i.app.slug == wanted,
        None => ours(&i.app.slug),
    };
    let usable = |i: &&Installation| i.status.is_empty() || i.status == "installed";
    match installed.iter().filter(usable).find(fits) {
        Some(found) => LinkBackPath::Installation { uuid: found.uuid.clone(), app: found.app.slug.clone() },
        None => {
            let settings = format!("{base}/settings/{org}/developer-settings/");
            let step = match wanted {
                Some(wanted) => format!(
                    "no app `{wanted}` is installed: correct `sentry.link_app`, or install it ({settings} lists the apps)"
                ),
                None => format!(
                    "make an internal integration named `orderly` with the permission \"Issue & Event: Read & Write\" at {settings}"
                ),
            };
            LinkBackPath::Unavailable { step }
        }
    }
}

#[async_trait]
impl SentryLink for SentryClient {
    async fn link_back(&self, order: &LinkBackOrder) -> Result<(), Cause> {
        let path = ["sentry-app-installations", order.installation.as_str(), "external-issues"];
        let subject = format!("the link of issue {}", order.issue);
        let ask = Ask { path: &path, scope: "`event:write`", subject: &subject };
        let body = NewExternalIssue {
            issue_id: order.issue.0,
            web_url: order.web_url.clone(),
            project: order.project.clone(),
            identifier: order.identifier.clone(),
        };
        let written = self.api.post::<Value>(ask, &body).await;
        // A lost reply is settled by looking: the link is there, or it is not.
        if let Err(cause @ (Cause::Access(_) | Cause::RateLimited | Cause::Missing(_))) = written {
            return Err(cause);
        }
        let there = self.app_links_on_wire(order.issue).await?;
        if there.value.iter().any(|link| link.web_url.as_deref() == Some(order.web_url.as_str())) {
            return Ok(());
        }
        Err(written.err().unwrap_or_else(|| {
            Cause::NoReply(format!(
                "{subject} was accepted and is not there afterwards. The next run tries again"
            ))
        }))
    }
}

#[cfg(test)]
mod tests;
