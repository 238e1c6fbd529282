//! When feature flags were switched.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::read::period;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::time::Seconds;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::flags::{FlagRead, FlagSwitched};
use orderly_engine::ports::triage::LARGEST_PAGE;
use orderly_wire::sentry::changes::{FlagChange, FlagLog};

#[async_trait]
impl FlagRead for SentryClient {
    async fn flags(&self, window: Seconds) -> Looked<Vec<FlagSwitched>> {
        let changes = self.flag_log(vec![("statsPeriod", period(window))]).await;
        Looked::from(changes.map(|changes| {
            let switched = changes.into_iter().filter_map(|change| {
                Some(FlagSwitched { at: change.created_at?, flag: Untrusted::new(change.flag) })
            });
            switched.collect()
        }))
    }
}

impl SentryClient {
    /// The newest page of the log of flags within a time that the query says.
    pub(super) async fn flag_log(
        &self,
        mut query: Vec<(&'static str, String)>,
    ) -> Result<Vec<FlagChange>, Cause> {
        let path = ["organizations", self.org.as_str(), "flags", "logs"];
        let ask = Ask { path: &path, scope: "`org:read`", subject: "the log of feature flags" };
        query.push(("per_page", LARGEST_PAGE.to_string()));
        let answer: Answer<FlagLog> = self.api.get(ask, &query).await?;
        Ok(answer.value.data)
    }
}
