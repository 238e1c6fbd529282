//! Code mappings as Sentry was told them.

use super::SentryClient;
use super::api::Ask;
use orderly_core::answer::Cause;
use orderly_core::ids::IssueId;
use orderly_core::source::CodeMapping;
use orderly_wire::sentry::code_mapping as wire;

impl SentryClient {
    /// Those of the issue's project. A Sentry that has no such list was told none.
    pub(super) async fn mappings_of(&self, issue: IssueId) -> Result<Vec<CodeMapping>, Cause> {
        let all =
            self.code_mappings.get_or_init(|| self.all_mappings()).await.as_ref().map_err(Clone::clone)?;
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let project = self.details(issue).await?.map(|(details, _)| details.project.slug);
        let own = all.iter().filter(|mapping| Some(&mapping.project_slug) == project.as_ref());
        Ok(own
            .map(|mapping| CodeMapping {
                stack_root: mapping.stack_root.clone(),
                source_root: mapping.source_root.clone(),
            })
            .collect())
    }

    /// Asked once: commands look at several issues.
    async fn all_mappings(&self) -> Result<Vec<wire::CodeMapping>, Cause> {
        let path = ["organizations", self.org.as_str(), "code-mappings"];
        let ask = Ask { path: &path, scope: "`org:read`", subject: "the code mappings of the organization" };
        match self.api.get_all(ask).await {
            Err(Cause::Missing(_)) => Ok(Vec::new()),
            listed => listed,
        }
    }
}
