//! Plays a day: events through the ingest endpoint, everything else as people do it, through the web API and the
//! tracker.

use super::shop::{Deed, Hour, Mention};
use crate::clock::Clock;
use crate::servers::Ready;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// How many events are on their way at once.
const AT_ONCE: usize = 16;

/// How far the clock goes at once. Rules that look at the present clock hour see it while it lasts.
const STEP_SECONDS: i64 = 600;

/// Why a day could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A server did not answer, or not as it should.
    #[error("the traffic could not {what}: {why}")]
    Refused {
        /// `send an event to storefront`.
        what: String,
        /// The answer.
        why: String,
    },
    /// The day names a project that the servers do not have.
    #[error("the servers have no project `{project}`; start them with the projects of the shop")]
    NoProject {
        /// Slug.
        project: String,
    },
}

/// What was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Events sent and accepted.
    pub events: u32,
    /// Releases created.
    pub releases: u32,
    /// Issues that somebody resolved or archived.
    pub triaged: u32,
    /// Items that somebody filed by hand.
    pub filed: u32,
}

/// Sends traffic to a pair of local servers.
#[derive(Debug)]
pub struct Player {
    http: Client,
    ready: Ready,
}

impl Player {
    /// A player for these servers.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(ready: &Ready) -> Result<Self, PlayError> {
        // Installing the provider twice is no error worth telling: the first one stays.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder().no_proxy().build().map_err(|error| PlayError::Refused {
            what: "start a client".to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self { http, ready: ready.clone() })
    }

    /// Plays a day: the servers' clock goes through it in steps of [`STEP_SECONDS`], so that each event arrives at
    /// about the time it tells, and shows real time again afterwards. `on_hour` hears of every hour that is over.
    ///
    /// # Errors
    /// The first thing that a server refused.
    pub async fn play(
        &self,
        clock: &Clock,
        day: &[Hour],
        start: i64,
        mut on_hour: impl FnMut(u32, Played),
    ) -> Result<Played, PlayError> {
        let mut played = Played::default();
        for hour in day {
            self.hour(clock, hour, start + i64::from(hour.number) * 3600, &mut played).await?;
            on_hour(hour.number, played);
        }
        clock.reset();
        Ok(played)
    }

    async fn hour(
        &self,
        clock: &Clock,
        hour: &Hour,
        begins: i64,
        played: &mut Played,
    ) -> Result<(), PlayError> {
        clock.set(Timestamp::from_second(begins).unwrap_or_else(|_| clock.now()));
        for deed in &hour.deeds {
            if let Deed::Release { project, version } = deed {
                self.release(project, version).await?;
                played.releases += 1;
            }
        }
        for step in 1..=3600 / STEP_SECONDS {
            let until = begins + step * STEP_SECONDS;
            clock.set(Timestamp::from_second(until).unwrap_or_else(|_| clock.now()));
            let events = hour.deeds.iter().filter_map(|deed| match deed {
                Deed::Event { project, id, at, event } if (until - STEP_SECONDS..until).contains(at) => {
                    Some(self.event(project, id, event))
                }
                _ => None,
            });
            let sent: Vec<()> = futures::stream::iter(events).buffer_unordered(AT_ONCE).try_collect().await?;
            played.events += u32::try_from(sent.len()).unwrap_or(u32::MAX);
        }
        for deed in &hour.deeds {
            match deed {
                Deed::Triage { event, update } => {
                    self.triage(event, update).await?;
                    played.triaged += 1;
                }
                Deed::File { event, title, mention, state } => {
                    self.file(event, title, *mention, state).await?;
                    played.filed += 1;
                }
                Deed::Event { .. } | Deed::Release { .. } => {}
            }
        }
        Ok(())
    }

    async fn event(&self, project: &str, id: &str, event: &Value) -> Result<(), PlayError> {
        let known = self.ready.sentry.projects.iter().find(|known| known.slug == project);
        let known = known.ok_or_else(|| PlayError::NoProject { project: project.to_owned() })?;
        let payload = event.to_string();
        let envelope = format!(
            "{}\n{}\n{payload}\n",
            json!({"event_id": id, "dsn": known.dsn}),
            json!({"type": "event", "length": payload.len()})
        );
        let url = format!("{}/api/{}/envelope/", self.ready.sentry.url, known.id);
        self.answer(&format!("send an event to {project}"), self.http.post(url).body(envelope))
            .await
            .map(drop)
    }

    async fn release(&self, project: &str, version: &str) -> Result<(), PlayError> {
        let body = json!({"version": version, "projects": [project]});
        let request = self.http.post(self.api("releases/")).bearer_auth(&self.ready.sentry.token).json(&body);
        self.answer(&format!("create release {version}"), request).await.map(drop)
    }

    async fn triage(&self, event: &str, update: &Value) -> Result<(), PlayError> {
        let (issue, _) = self.issue_of(event).await?;
        let url = self.api(&format!("issues/{issue}/"));
        let request = self.http.put(url).bearer_auth(&self.ready.sentry.token).json(update);
        self.answer(&format!("update issue {issue}"), request).await.map(drop)
    }

    async fn file(&self, event: &str, title: &str, mention: Mention, state: &str) -> Result<(), PlayError> {
        let (issue, short_id) = self.issue_of(event).await?;
        let description = match mention {
            Mention::Permalink => format!(
                "Seen in {}/organizations/{}/issues/{issue}/ again today.",
                self.ready.sentry.url, self.ready.sentry.org
            ),
            Mention::ShortId => format!("Support says this is {short_id}."),
            Mention::Nothing => "A customer called about this.".to_owned(),
        };
        let teams = "query($key:String!){teams(filter:{key:{eq:$key}},first:1){nodes{id states(first:50){nodes{id type}}}}}";
        let found = self.tracker("look at the team", teams, json!({"key": self.ready.tracker.team})).await?;
        let team = &found["data"]["teams"]["nodes"][0];
        let states = team["states"]["nodes"].as_array().cloned().unwrap_or_default();
        let state_id = states.iter().find(|known| known["type"] == state).map(|known| known["id"].clone());
        let create = "mutation($input:IssueCreateInput!){issueCreate(input:$input){success issue{id}}}";
        let input =
            json!({"teamId": team["id"], "title": title, "description": description, "stateId": state_id});
        self.tracker("file an item", create, json!({"input": input})).await.map(drop)
    }

    async fn issue_of(&self, event: &str) -> Result<(String, String), PlayError> {
        let request =
            self.http.get(self.api(&format!("eventids/{event}/"))).bearer_auth(&self.ready.sentry.token);
        let found = self.answer("look up an event", request).await?;
        let issue = found["groupId"].as_str().unwrap_or_default().to_owned();
        let request =
            self.http.get(self.api(&format!("issues/{issue}/"))).bearer_auth(&self.ready.sentry.token);
        let found = self.answer("look up an issue", request).await?;
        Ok((issue, found["shortId"].as_str().unwrap_or_default().to_owned()))
    }

    async fn tracker(&self, what: &str, query: &str, variables: Value) -> Result<Value, PlayError> {
        let request = self
            .http
            .post(&self.ready.tracker.url)
            .header("authorization", &self.ready.tracker.token)
            .json(&json!({"query": query, "variables": variables}));
        let answer = self.answer(what, request).await?;
        match answer.get("errors") {
            Some(errors) => Err(PlayError::Refused { what: what.to_owned(), why: errors.to_string() }),
            None => Ok(answer),
        }
    }

    fn api(&self, path: &str) -> String {
        format!("{}/api/0/organizations/{}/{path}", self.ready.sentry.url, self.ready.sentry.org)
    }

    async fn answer(&self, what: &str, request: RequestBuilder) -> Result<Value, PlayError> {
        let refused = |why: String| PlayError::Refused { what: what.to_owned(), why };
        let response = request.send().await.map_err(|error| refused(error.to_string()))?;
        let status = response.status();
        let body = response.text().await.map_err(|error| refused(error.to_string()))?;
        if !status.is_success() {
            return Err(refused(format!("{status} {body}")));
        }
        Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
    }
}
