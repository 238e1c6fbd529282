//! Plays a story: events through the ingest endpoint, everything else as people do it, through the web API and the
//! tracker.

use super::deed::{Deed, Deploy, FlagChange, Hour, Mention, Sent};
use crate::clock::Clock;
use crate::servers::Ready;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::time::Instant;

/// How many reports are on their way at once.
const AT_ONCE: usize = 16;

/// How far the clock goes at once. Rules that look at the present clock hour see it while it lasts.
const STEP_SECONDS: i64 = 600;

/// The same while somebody watches.
const LIVE_STEP_SECONDS: i64 = 60;

/// Why a story could not be played.
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
    /// The story names a project that the servers do not have.
    #[error("the servers have no project `{project}`; start them with the projects of the traffic")]
    NoProject {
        /// Slug.
        project: String,
    },
}

/// What was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Errors sent and accepted.
    pub events: u32,
    /// Transactions sent and accepted.
    pub transactions: u32,
    /// Releases created or deployed.
    pub releases: u32,
    /// Changes of flags.
    pub flags: u32,
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

    /// Plays hours at once: the servers' clock goes through them in steps of ten minutes, so that each event arrives
    /// at about the time it tells, and goes on from where it was afterwards. `start` is when hour 0 of the story
    /// begins, in seconds since 1970; `on_hour` hears of every hour that is over.
    ///
    /// # Errors
    /// The first thing that a server refused.
    pub async fn play(
        &self,
        clock: &Clock,
        hours: &[Hour],
        start: i64,
        mut on_hour: impl FnMut(u32, Played),
    ) -> Result<Played, PlayError> {
        let before = clock.offset();
        let mut played = Played::default();
        for hour in hours {
            let begins = start + i64::from(hour.number) * 3600;
            set(clock, begins);
            self.releases(hour, &mut played).await?;
            for step in 1..=3600 / STEP_SECONDS {
                self.step(clock, hour, (begins + step * STEP_SECONDS, STEP_SECONDS), &mut played).await?;
            }
            self.people(hour, &mut played).await?;
            on_hour(hour.number, played);
        }
        clock.set_offset(before);
        Ok(played)
    }

    /// Plays hours while somebody watches, minute by minute, `speed` times as fast as real time. The servers' clock
    /// follows the story, and goes on from its end.
    ///
    /// # Errors
    /// The first thing that a server refused.
    pub async fn live(
        &self,
        clock: &Clock,
        hours: &[Hour],
        start: i64,
        speed: NonZeroU32,
    ) -> Result<Played, PlayError> {
        let minute = Duration::from_secs(60) / speed.get();
        let mut played = Played::default();
        let mut next = Instant::now();
        for hour in hours {
            let begins = start + i64::from(hour.number) * 3600;
            self.releases(hour, &mut played).await?;
            for step in 1..=3600 / LIVE_STEP_SECONDS {
                next += minute;
                tokio::time::sleep_until(next).await;
                let until = begins + step * LIVE_STEP_SECONDS;
                self.step(clock, hour, (until, LIVE_STEP_SECONDS), &mut played).await?;
            }
            self.people(hour, &mut played).await?;
        }
        Ok(played)
    }

    async fn releases(&self, hour: &Hour, played: &mut Played) -> Result<(), PlayError> {
        for deed in &hour.deeds {
            if let Deed::Release { project, version } = deed {
                self.release(project, version, &[]).await?;
                played.releases += 1;
            }
        }
        Ok(())
    }

    /// Everything of `length` seconds before `until`: changes first, in order, then what services report.
    async fn step(
        &self,
        clock: &Clock,
        hour: &Hour,
        (until, length): (i64, i64),
        played: &mut Played,
    ) -> Result<(), PlayError> {
        set(clock, until);
        let now = |deed: &&Deed| deed.at().is_some_and(|at| (until - length..until).contains(&at));
        for deed in hour.deeds.iter().filter(now) {
            match deed {
                Deed::Deploy(deploy) => {
                    self.deploy(deploy).await?;
                    played.releases += 1;
                }
                Deed::Flag(change) => {
                    self.flag(change).await?;
                    played.flags += 1;
                }
                _ => {}
            }
        }
        let reports = hour.deeds.iter().filter(now).filter_map(|deed| match deed {
            Deed::Event(sent) => {
                played.events += 1;
                Some(self.report(sent.project, "event", Some(sent), &sent.payload))
            }
            Deed::Transaction(sent) => {
                played.transactions += 1;
                Some(self.report(sent.project, "transaction", Some(sent), &sent.payload))
            }
            Deed::Sessions { project, sessions, .. } => {
                Some(self.report(project, "sessions", None, sessions))
            }
            _ => None,
        });
        futures::stream::iter(reports).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    async fn people(&self, hour: &Hour, played: &mut Played) -> Result<(), PlayError> {
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
                _ => {}
            }
        }
        Ok(())
    }

    async fn report(
        &self,
        project: &str,
        kind: &str,
        sent: Option<&Sent>,
        payload: &Value,
    ) -> Result<(), PlayError> {
        let known = self.ready.sentry.projects.iter().find(|known| known.slug == project);
        let known = known.ok_or_else(|| PlayError::NoProject { project: project.to_owned() })?;
        let payload = payload.to_string();
        let head = match sent {
            Some(sent) => json!({"event_id": sent.id, "dsn": known.dsn}),
            None => json!({"dsn": known.dsn}),
        };
        let item = json!({"type": kind, "length": payload.len()});
        let url = format!("{}/api/{}/envelope/", self.ready.sentry.url, known.id);
        let request = self.http.post(url).body(format!("{head}\n{item}\n{payload}\n"));
        self.answer(&format!("send a report to {project}"), request).await.map(drop)
    }

    async fn release(&self, project: &str, version: &str, commits: &[Value]) -> Result<(), PlayError> {
        let mut body = json!({"version": version, "projects": [project]});
        if !commits.is_empty() {
            body["commits"] = json!(commits);
        }
        let request = self.http.post(self.api("releases/")).bearer_auth(&self.ready.sentry.token).json(&body);
        self.answer(&format!("create release {version}"), request).await.map(drop)
    }

    async fn deploy(&self, deploy: &Deploy) -> Result<(), PlayError> {
        let Deploy { project, version, at, change } = deploy;
        let commits: Vec<Value> =
            change.iter().map(|change| commit(project, version, *at, *change)).collect();
        self.release(project, version, &commits).await?;
        let time = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
        let body = json!({
            "environment": "production", "projects": [project],
            "dateStarted": time(at - 120), "dateFinished": time(*at),
        });
        let mut url = self.base()?;
        url.path_segments_mut()
            .map_err(|()| refused("deploy", "the address of the server has no path".to_owned()))?
            .extend(["releases", version, "deploys", ""]);
        let request = self.http.post(url).bearer_auth(&self.ready.sentry.token).json(&body);
        self.answer(&format!("deploy release {version}"), request).await.map(drop)
    }

    /// Tells the server about a change of a flag, the way flag services do.
    async fn flag(&self, change: &FlagChange) -> Result<(), PlayError> {
        let FlagChange { flag, percent, at } = change;
        let time = Timestamp::from_second(*at).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
        let body = json!({
            "data": [{
                "action": "updated", "change_id": format!("{flag}@{at}"), "created_at": time, "flag": flag,
                "created_by": {"id": "release.manager@shop.example", "type": "email"},
                "tags": {"percent": percent},
            }],
            "meta": {"version": 1},
        });
        let request = self
            .http
            .post(self.api("flags/hooks/provider/generic/"))
            .bearer_auth(&self.ready.sentry.token)
            .json(&body);
        self.answer(&format!("change flag {flag}"), request).await.map(drop)
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

    fn base(&self) -> Result<url::Url, PlayError> {
        let text = format!("{}/api/0/organizations/{}", self.ready.sentry.url, self.ready.sentry.org);
        text.parse()
            .map_err(|error: url::ParseError| refused("read the address of the server", error.to_string()))
    }

    fn api(&self, path: &str) -> String {
        format!("{}/api/0/organizations/{}/{path}", self.ready.sentry.url, self.ready.sentry.org)
    }

    async fn answer(&self, what: &str, request: RequestBuilder) -> Result<Value, PlayError> {
        let response = request.send().await.map_err(|error| refused(what, error.to_string()))?;
        let status = response.status();
        let body = response.text().await.map_err(|error| refused(what, error.to_string()))?;
        if !status.is_success() {
            return Err(refused(what, format!("{status} {body}")));
        }
        Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
    }
}

fn set(clock: &Clock, second: i64) {
    clock.set(Timestamp::from_second(second).unwrap_or_else(|_| clock.now()));
}

fn refused(what: &str, why: String) -> PlayError {
    PlayError::Refused { what: what.to_owned(), why }
}

/// The commit of a release: its id follows from what it is.
fn commit(project: &str, version: &str, at: i64, (file, why): (&str, &str)) -> Value {
    let sha = hex::encode(Sha256::digest(format!("{version}{file}{why}")));
    json!({
        "id": &sha[..40],
        "repository": format!("shop/{project}"),
        "message": why,
        "author_name": "Robin",
        "author_email": "robin@shop.example",
        "timestamp": Timestamp::from_second(at - 3_600).unwrap_or(Timestamp::UNIX_EPOCH).to_string(),
        "patch_set": [{"path": file, "type": "M"}],
    })
}
