//! From a whole event on the wire to the evidence of a crash.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::issue::{Counted, from_wire, level};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::{
    Breadcrumb, Bundle, Evidence, Exception, Frame, FrameOrigin, Handled, Mechanism, Position, Request,
    SourceLine, Surroundings,
};
use orderly_core::ids::{CommitId, IssueId, SentrySite};
use orderly_core::normal::platform::Platform;
use orderly_core::source::{self, CodeMapping};
use orderly_core::sync::snapshot::Issue;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::triage::IssueName;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::crash::CrashRead;
use orderly_wire::sentry::crash as wire;
use orderly_wire::sentry::issue as wire_issue;

/// Bounds of what is kept of one event.
const MOST_EXCEPTIONS: usize = 8;
const MOST_FRAMES: usize = 100;
const MOST_BREADCRUMBS: usize = 100;
const MOST_TAGS: usize = 100;
const MOST_CRUMB_VALUES: usize = 16;
const MOST_BUNDLES: usize = 1_000;
const MOST_SOURCE_LINES: usize = 32;
const LONGEST_TEXT: usize = 4096;

#[async_trait]
impl CrashRead for SentryClient {
    fn site(&self) -> SentrySite {
        Self::site(self)
    }

    async fn named(&self, name: &IssueName, window: Seconds) -> Looked<Option<Issue>> {
        match self.issue_named(name, window).await {
            Ok(issue) => Looked::Saw(issue),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }

    async fn latest_crash(&self, issue: IssueId) -> Looked<Evidence> {
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "events", "latest"];
        let subject = ["the latest event of issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Result<Answer<wire::CrashEvent>, Cause> = self.api.get(ask, &[]).await;
        match answer {
            Ok(answer) => Looked::Saw(evidence(issue, &answer.value)),
            Err(Cause::Missing(_)) => {
                Looked::CouldNotLook(Cause::NoInput(["Sentry keeps no event of issue ", &id].concat()))
            }
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }

    async fn release_commits(&self, release: &Untrusted<String>) -> Looked<Vec<CommitId>> {
        #[derive(serde::Deserialize)]
        struct Listed {
            id: String,
        }
        let version = release.as_raw_str();
        let path = ["organizations", self.org.as_str(), "releases", version, "commits"];
        let ask =
            Ask { path: &path, scope: "`project:releases`", subject: "the commits of the event's release" };
        let answer: Result<Answer<Vec<Listed>>, Cause> = self.api.get(ask, &[]).await;
        match answer {
            Ok(answer) => {
                let ids = answer.value.iter().map(|commit| CommitId::parse(&commit.id));
                Looked::Saw(ids.filter_map(Result::ok).collect())
            }
            Err(Cause::Missing(_)) => Looked::Saw(Vec::new()),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }

    async fn code_mappings(&self, issue: IssueId) -> Looked<Vec<CodeMapping>> {
        match self.mappings_of(issue).await {
            Ok(mappings) => Looked::Saw(mappings),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }
}

impl SentryClient {
    async fn issue_named(&self, name: &IssueName, window: Seconds) -> Result<Option<Issue>, Cause> {
        let id = match name {
            IssueName::Id(id) => Some(*id),
            IssueName::ShortId(short) => self.id_of(short.as_str()).await?,
            IssueName::Latest => self.first_unresolved("date", window).await?,
            IssueName::MostFrequent => self.first_unresolved("freq", window).await?,
        };
        let Some(id) = id else { return Ok(None) };
        let Some((details, request)) = self.details(id).await? else { return Ok(None) };
        from_wire(&details, Counted::Ever(window)).map(Some).ok_or_else(|| super::read::no_number(&request))
    }

    /// The id behind a short id.
    async fn id_of(&self, short: &str) -> Result<Option<IssueId>, Cause> {
        #[derive(serde::Deserialize)]
        struct Named {
            group: wire_issue::Issue,
        }
        let path = ["organizations", self.org.as_str(), "shortids", short];
        let subject = ["issue ", short].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        match self.api.get::<Named>(ask, &[]).await {
            Ok(answer) => match answer.value.group.id.parse() {
                Ok(id) => Ok(Some(IssueId(id))),
                Err(_) => Err(super::read::no_number(&answer.request)),
            },
            Err(Cause::Missing(_)) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    async fn first_unresolved(&self, sort: &'static str, window: Seconds) -> Result<Option<IssueId>, Cause> {
        let query = [
            ("query", "is:unresolved".to_owned()),
            ("sort", sort.to_owned()),
            ("statsPeriod", super::read::period(window)),
            ("project", "-1".to_owned()),
            ("limit", "1".to_owned()),
        ];
        let path = ["organizations", self.org.as_str(), "issues"];
        let subject = ["the issues of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Answer<Vec<wire_issue::Issue>> = self.api.get(ask, &query).await?;
        Ok(answer.value.first().and_then(|issue| issue.id.parse().ok()).map(IssueId))
    }
}

/// The evidence of an event, within bounds; what is over them is named.
fn evidence(issue: IssueId, event: &wire::CrashEvent) -> Evidence {
    let mut left_out = Vec::new();
    let tag = |key: &str| event.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
    let release = event.release.as_ref().map(|release| release.version.as_str()).or_else(|| tag("release"));
    let request = event.entries.iter().find_map(|entry| match entry {
        wire::CrashEntry::Request(request) => Some(request),
        _ => None,
    });
    let tags = event.tags.iter().map(|tag| (text(&tag.key), text(&tag.value)));
    Evidence {
        issue,
        event: text(&event.event_id),
        at: event.date_created.or(event.date_received).unwrap_or(Timestamp::UNIX_EPOCH),
        platform: text(&event.platform),
        level: event.level().as_ref().map(level),
        release: some_text(release),
        dist: some_text(event.dist.as_deref()),
        environment: some_text(tag("environment")),
        transaction: some_text(tag("transaction").or(event.culprit.as_deref())),
        message: event.entries.iter().find_map(|entry| match entry {
            wire::CrashEntry::Message(message) => some_text(Some(message)),
            _ => None,
        }),
        exceptions: exceptions(event, &mut left_out),
        breadcrumbs: breadcrumbs(event, &mut left_out),
        request: request.and_then(|request| {
            let url = request.url.as_deref()?;
            let url = url.split(['?', '#']).next().unwrap_or(url);
            Some(Request { method: some_text(request.method.as_deref()), url: text(url) })
        }),
        tags: bounded(tags, MOST_TAGS, "tags", &mut left_out).collect(),
        around: Surroundings {
            sdk: named(&event.sdk),
            runtime: named(&event.contexts.runtime),
            browser: named(&event.contexts.browser),
            os: named(&event.contexts.os),
            device: named(&event.contexts.device),
            user_agent: request.and_then(|request| some_text(request.user_agent.as_deref())),
        },
        bundles: bundles(event, &mut left_out),
        left_out,
    }
}

/// The bundles with their builds.
fn bundles(event: &wire::CrashEvent, left_out: &mut Vec<String>) -> Vec<Bundle> {
    let images = event.entries.iter().find_map(|entry| match entry {
        wire::CrashEntry::Images(images) => Some(images.as_slice()),
        _ => None,
    });
    let named = |image: &&wire::DebugImage| {
        image.kind == "sourcemap" && !image.code_file.is_empty() && !image.debug_id.is_empty()
    };
    let named: Vec<_> = images.unwrap_or_default().iter().filter(named).collect();
    let bundles =
        named.iter().map(|image| Bundle { file: text(&image.code_file), debug_id: text(&image.debug_id) });
    bounded(bundles, MOST_BUNDLES, "bundles", left_out).collect()
}

/// The thrown exception first; Sentry has the oldest cause first. An event without exceptions may still have a trace of
/// its own or of its crashed thread: it becomes an exception without type.
fn exceptions(event: &wire::CrashEvent, left_out: &mut Vec<String>) -> Vec<Exception> {
    let chain = event.entries.iter().find_map(|entry| match entry {
        wire::CrashEntry::Exception(chain) if !chain.is_empty() => Some(chain),
        _ => None,
    });
    let Some(chain) = chain else {
        let trace = event.entries.iter().find_map(|entry| match entry {
            wire::CrashEntry::Stacktrace(trace) => Some(trace),
            _ => None,
        });
        return trace
            .or_else(|| of_thread(event, None))
            .map(|trace| bare(event, trace, left_out))
            .into_iter()
            .collect();
    };
    if chain.len() > MOST_EXCEPTIONS {
        left_out.push(format!("{} exceptions of the chain", chain.len() - MOST_EXCEPTIONS));
    }
    let thrown_first = chain.iter().rev().take(MOST_EXCEPTIONS);
    thrown_first
        .map(|exception| Exception {
            kind: text(&exception.kind),
            value: text(&exception.value),
            module: some_text(exception.module.as_deref()),
            mechanism: exception.mechanism.as_ref().map(|mechanism| Mechanism {
                kind: text(&mechanism.kind),
                handled: match mechanism.handled {
                    Some(true) => Handled::Yes,
                    Some(false) => Handled::No,
                    None => Handled::Unknown,
                },
            }),
            frames: exception
                .stacktrace
                .as_ref()
                .or_else(|| of_thread(event, exception.thread_id.as_deref()))
                .map(|trace| frames(event, trace, left_out))
                .unwrap_or_default(),
        })
        .collect()
}

fn bare(event: &wire::CrashEvent, trace: &wire::CrashTrace, left_out: &mut Vec<String>) -> Exception {
    Exception {
        kind: text(""),
        value: text(""),
        module: None,
        mechanism: None,
        frames: frames(event, trace, left_out),
    }
}

/// The trace of the thread that is named, else of the one that crashed: some SDKs keep traces by thread only.
fn of_thread<'a>(event: &'a wire::CrashEvent, id: Option<&str>) -> Option<&'a wire::CrashTrace> {
    let threads = event.entries.iter().find_map(|entry| match entry {
        wire::CrashEntry::Threads(threads) => Some(threads),
        _ => None,
    })?;
    let named = threads.iter().find(|thread| id.is_some() && thread.id.as_deref() == id);
    let crashed = || threads.iter().find(|thread| thread.crashed);
    let current = || threads.iter().find(|thread| thread.current);
    named.or_else(crashed).or_else(current)?.stacktrace.as_ref()
}

/// The crash frame first; Sentry has it last. The frames nearest to the crash are kept.
fn frames(event: &wire::CrashEvent, trace: &wire::CrashTrace, left_out: &mut Vec<String>) -> Vec<Frame> {
    let crash_first = trace.frames.iter().rev().map(|sent| {
        let mut frame = Frame {
            function: text(sent.function.as_deref().unwrap_or("<unknown>")),
            raw_function: some_text(sent.raw_function.as_deref()),
            module: some_text(sent.module.as_deref()),
            package: some_text(sent.package.as_deref()),
            file: some_text(sent.filename.as_deref()),
            abs_path: some_text(sent.abs_path.as_deref()),
            position: sent.line_no.map(|line| Position { line, column: sent.col_no }),
            origin: if sent.in_app { FrameOrigin::InApp } else { FrameOrigin::Library },
            platform: some_text(sent.platform.as_deref()),
            context: sent
                .context
                .iter()
                .take(MOST_SOURCE_LINES)
                .map(|(line, source)| SourceLine { line: *line, text: text(source) })
                .collect(),
        };
        let platform = Platform::of(sent.platform.as_deref().unwrap_or(&event.platform));
        frame.origin = source::origin(&frame, platform, frame.origin);
        frame
    });
    bounded(crash_first, MOST_FRAMES, "frames far from the crash", left_out).collect()
}

/// The last ones before the crash are kept.
fn breadcrumbs(event: &wire::CrashEvent, left_out: &mut Vec<String>) -> Vec<Breadcrumb> {
    let crumbs = event.entries.iter().find_map(|entry| match entry {
        wire::CrashEntry::Breadcrumbs(crumbs) => Some(crumbs.as_slice()),
        _ => None,
    });
    let crumbs = crumbs.unwrap_or_default();
    let skipped = crumbs.len().saturating_sub(MOST_BREADCRUMBS);
    if skipped > 0 {
        left_out.push(format!("{skipped} breadcrumbs before the last {MOST_BREADCRUMBS}"));
    }
    crumbs[skipped..]
        .iter()
        .map(|crumb| Breadcrumb {
            at: crumb.timestamp,
            category: some_text(crumb.category.as_deref()),
            level: some_text(crumb.level.as_deref()),
            message: some_text(crumb.message.as_deref()),
            data: crumb
                .data
                .iter()
                .take(MOST_CRUMB_VALUES)
                .map(|(key, value)| (text(key), text(value)))
                .collect(),
        })
        .collect()
}

/// At most `most` items; how many are left out is noted.
fn bounded<T>(
    items: impl ExactSizeIterator<Item = T>,
    most: usize,
    what: &str,
    left_out: &mut Vec<String>,
) -> impl Iterator<Item = T> {
    if items.len() > most {
        left_out.push(format!("{} {what}", items.len() - most));
    }
    items.take(most)
}

/// `Chrome 131`.
fn named(thing: &wire::Named) -> Option<Untrusted<String>> {
    let name = thing.model.as_deref().or(thing.name.as_deref()).filter(|name| !name.is_empty())?;
    let version = thing.version.as_deref().filter(|version| !version.is_empty());
    Some(text(&version.map_or_else(|| name.to_owned(), |version| [name, " ", version].concat())))
}

fn some_text(value: Option<&str>) -> Option<Untrusted<String>> {
    value.filter(|value| !value.is_empty()).map(text)
}

fn text(text: &str) -> Untrusted<String> {
    Untrusted::new(text.chars().take(LONGEST_TEXT).collect())
}

#[cfg(test)]
mod tests;
