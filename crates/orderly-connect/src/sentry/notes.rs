//! Comments on issues that tell people how an incident stands.

use super::SentryClient;
use super::api::{Answer, Ask, Unwritten};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::{MessageId, Place, PostOrder};
use orderly_engine::ports::incident::{PostReply, Teller};
use orderly_wire::sentry::activity::Activity;
use reqwest::Method;
use serde_json::json;

const WRITE: &str = "`event:write`";

#[async_trait]
impl Teller for SentryClient {
    async fn post(&self, order: &PostOrder) -> PostReply {
        self.write_note(Method::POST, order, None).await
    }

    async fn edit(&self, order: &PostOrder, message: &MessageId) -> PostReply {
        self.write_note(Method::PUT, order, Some(message)).await
    }

    async fn find(&self, order: &PostOrder) -> Looked<Option<MessageId>> {
        let Place::Issue(issue) = &order.key.place else { return Looked::CouldNotLook(elsewhere()) };
        let notes = self.notes_of(&issue.to_string()).await;
        let ours = |note: &Activity| note.text().is_some_and(|text| order.key.marks(text));
        // A copy of the marker in somebody's comment is newer than ours.
        Looked::from(
            notes.map(|notes| notes.into_iter().rfind(ours).and_then(|note| MessageId::new(note.id))),
        )
    }
}

impl SentryClient {
    /// Every comment on an issue, the newest first.
    pub(super) async fn notes_of(&self, issue: &str) -> Result<Vec<Activity>, Cause> {
        let path = ["organizations", self.org.as_str(), "issues", issue, "notes"];
        let subject = ["the comments on issue ", issue].concat();
        self.api.get_all(Ask { path: &path, scope: "`event:read`", subject: &subject }).await
    }

    async fn write_note(&self, method: Method, order: &PostOrder, note: Option<&MessageId>) -> PostReply {
        let Place::Issue(issue) = &order.key.place else { return PostReply::Failed(elsewhere().to_string()) };
        let issue = issue.to_string();
        let mut path = vec!["organizations", self.org.as_str(), "issues", &issue, "notes"];
        path.extend(note.map(MessageId::as_str));
        let subject = match note {
            Some(note) => format!("comment {note} on issue {issue}"),
            None => format!("the comments on issue {issue}"),
        };
        let ask = Ask { path: &path, scope: WRITE, subject: &subject };
        let body = json!({"text": order.words.text});
        let answer: Result<Answer<Activity>, Unwritten> = self.api.write(method, ask, &body).await;
        match answer {
            Ok(answer) => match MessageId::new(answer.value.id) {
                Some(id) => PostReply::There(id),
                None => PostReply::Unknown("Sentry answered a comment without an id".to_owned()),
            },
            Err(Unwritten::Certainly(Cause::Missing(what))) if note.is_some() => PostReply::Gone(what),
            Err(Unwritten::Certainly(cause)) => PostReply::Failed(cause.to_string()),
            Err(Unwritten::Perhaps(cause)) => PostReply::Unknown(cause.to_string()),
        }
    }
}

fn elsewhere() -> Cause {
    Cause::NoInput("Sentry holds comments on issues only".to_owned())
}
