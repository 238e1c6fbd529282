//! When feature flags were switched.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::read::{looked, period};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::time::Seconds;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::flags::{FlagRead, FlagSwitched};
use orderly_wire::sentry::flag::FlagLog;

#[async_trait]
impl FlagRead for SentryClient {
    async fn flags(&self, window: Seconds) -> Looked<Vec<FlagSwitched>> {
        looked(self.switched(window).await)
    }
}

impl SentryClient {
    async fn switched(&self, window: Seconds) -> Result<Vec<FlagSwitched>, Cause> {
        let path = ["organizations", self.org.as_str(), "flags", "logs"];
        let ask = Ask { path: &path, scope: "`org:read`", subject: "the log of feature flags" };
        let query = [("statsPeriod", period(window)), ("per_page", "100".to_owned())];
        let answer: Answer<FlagLog> = self.api.get(ask, &query).await?;
        let changes = answer.value.data.into_iter();
        Ok(changes
            .filter_map(|change| {
                Some(FlagSwitched { at: change.created_at?, flag: Untrusted::new(change.flag) })
            })
            .collect())
    }
}
