//! An agent that speaks the Agent Client Protocol, version 1, on its standard input and output.
//!
//! Its program is kept apart like any other agent's. What it asks of Orderly meanwhile is answered by its [`Desk`] (`acp/desk.rs`):
//! files of its one worktree, and permissions within the bounds of the policy. It is told of no terminal and no MCP server, and
//! asking for one is answered with "no such method".

mod desk;

use super::agent::CommandAgent;
use super::program::{Heard, Started, hear};
use super::sandbox::{Network, Sandbox};
use agent_client_protocol as acp;
use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    CancelNotification, ClientCapabilities, ContentBlock, FileSystemCapabilities, Implementation,
    InitializeRequest, NewSessionRequest, PromptRequest, PromptResponse, ReadTextFileRequest,
    RequestPermissionRequest, SessionId, SessionNotification, StopReason, TextContent, WriteTextFileRequest,
};
use async_trait::async_trait;
use desk::Desk;
use orderly_core::fix::{Bounds, Grant, Zones};
use orderly_engine::ports::repair::{Agent, Trouble};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio_util::compat::{TokioAsyncReadCompatExt as _, TokioAsyncWriteCompatExt as _};

/// Protocol around words and files: what an agent sends at all may be this many times what it may say.
const FRAMING: u64 = 32;

/// How long a cancelled agent may take to say so.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// An agent behind the protocol.
#[derive(Debug)]
pub struct AcpAgent {
    /// Its program, how that is kept apart, and its limits: its output is what it says and writes.
    pub command: CommandAgent,
    /// Where it changes nothing.
    pub zones: Zones,
}

/// Why there is no answer.
#[derive(Debug)]
enum NoAnswer {
    TooLong,
    TooLoud,
    /// It closed the connection.
    Left,
    /// It speaks another version.
    Version(ProtocolVersion),
    /// It wants to be logged in to.
    Login,
    /// It answered with this error.
    Error(i32),
    /// It stopped before it was done.
    Stopped(&'static str),
}

#[async_trait]
impl Agent for AcpAgent {
    fn name(&self) -> &str {
        &self.command.name
    }

    async fn ask(&self, folder: &Path, case_file: &str) -> Result<String, Trouble> {
        let name = &self.command.name;
        let most = u64::try_from(self.command.limits.output).unwrap_or(u64::MAX);
        let desk = Desk::open(folder, self.bounds(), most)
            .map_err(|error| Trouble(format!("{} cannot be opened: {error}", folder.display())))?;
        let program = self.command.program(&self.command.argv, folder, &self.command.settings, Vec::new());
        let started =
            program.start().map_err(|why| Trouble(format!("{name} could not be started: {why}")))?;
        self.converse(started, &desk, folder, case_file).await.map_err(|why| self.trouble(&why))?;
        Ok(desk.said())
    }
}

impl AcpAgent {
    /// What it is permitted: programs run where it runs itself.
    fn bounds(&self) -> Bounds {
        let grant = |given| if given { Grant::Given } else { Grant::Withheld };
        Bounds {
            zones: self.zones.clone(),
            programs: grant(matches!(self.command.sandbox, Sandbox::Bubblewrap(_))),
            network: grant(self.command.network == Network::Shared),
        }
    }

    async fn converse(
        &self,
        started: Started,
        desk: &Arc<Desk>,
        folder: &Path,
        case_file: &str,
    ) -> Result<(), NoAnswer> {
        let Started { child, family, stdin, stdout, stderr } = started;
        let (theirs, ours) = tokio::io::duplex(64 * 1024);
        let most = u64::try_from(self.command.limits.output).unwrap_or(u64::MAX);
        let bounded = most.saturating_mul(FRAMING);
        let mut stdout = stdout.take(bounded);
        let counted = async move {
            let mut theirs = theirs;
            // A stream that breaks has said all it will; dropping our end ends the conversation.
            let heard = tokio::io::copy(&mut stdout, &mut theirs).await.unwrap_or(0);
            if heard < bounded { Heard::All } else { Heard::TooMuch }
        };
        let mut complaints = Vec::new();
        let talk = self.talk(stdin, ours, Arc::clone(desk), folder, case_file);
        let ended = {
            let (counted, complained) = (counted, hear(stderr, &mut complaints, self.command.limits.output));
            tokio::pin!(counted, complained, talk);
            let (mut heard, mut read) = (false, false);
            let work = async {
                loop {
                    tokio::select! {
                        ended = &mut talk => return ended,
                        () = desk.overrun() => return Err(NoAnswer::TooLoud),
                        all = &mut counted, if !heard => match all {
                            Heard::All => heard = true,
                            Heard::TooMuch => return Err(NoAnswer::TooLoud),
                        },
                        all = &mut complained, if !read => match all {
                            Heard::All => read = true,
                            Heard::TooMuch => return Err(NoAnswer::TooLoud),
                        },
                    }
                }
            };
            // The conversation keeps the time itself; this is for one that does not get to it.
            let longest = self.command.limits.time.saturating_add(LAST_WORDS * 2);
            tokio::time::timeout(longest, work).await.unwrap_or(Err(NoAnswer::TooLong))
        };
        family.end();
        drop(child);
        ended
    }

    async fn talk(
        &self,
        stdin: tokio::process::ChildStdin,
        stdout: tokio::io::DuplexStream,
        desk: Arc<Desk>,
        folder: &Path,
        case_file: &str,
    ) -> Result<(), NoAnswer> {
        let transport = acp::ByteStreams::new(stdin.compat_write(), stdout.compat());
        let (reader, writer, asked, listener) =
            (Arc::clone(&desk), Arc::clone(&desk), Arc::clone(&desk), desk);
        let time = self.command.limits.time;
        acp::Client
            .v1()
            .name("orderly")
            .on_receive_notification(
                async move |update: SessionNotification, _| {
                    listener.hear(update.update);
                    Ok(())
                },
                acp::on_receive_notification!(),
            )
            .on_receive_request(
                async move |request: ReadTextFileRequest, responder, _| {
                    responder.respond_with_result(reader.read(&request))
                },
                acp::on_receive_request!(),
            )
            .on_receive_request(
                async move |request: WriteTextFileRequest, responder, _| {
                    responder.respond_with_result(writer.write(&request))
                },
                acp::on_receive_request!(),
            )
            .on_receive_request(
                async move |request: RequestPermissionRequest, responder, _| {
                    responder.respond(asked.permit(&request))
                },
                acp::on_receive_request!(),
            )
            .connect_with(transport, async move |connection: ConnectionTo<acp::Agent>| {
                // What went wrong is no error of the connection.
                Ok(prompt(&connection, folder, case_file, time).await)
            })
            .await
            .unwrap_or_else(|error| Err(no_answer(&error)))
    }

    fn trouble(&self, why: &NoAnswer) -> Trouble {
        let name = &self.command.name;
        Trouble(match why {
            NoAnswer::TooLong => format!("{name} was stopped after {} s", self.command.limits.time.as_secs()),
            NoAnswer::TooLoud => {
                format!("{name} was stopped after saying and writing {} bytes", self.command.limits.output)
            }
            NoAnswer::Left => format!("{name} ended in the middle of the conversation"),
            NoAnswer::Version(version) => {
                format!("{name} speaks version {version} of the Agent Client Protocol, not version 1")
            }
            NoAnswer::Login => format!(
                "{name} wants a login: pass what it needs with `environment` or `readable` of its table in orderly.toml"
            ),
            NoAnswer::Error(code) => format!("{name} answered with the error {code}"),
            NoAnswer::Stopped(why) => format!("{name} stopped: {why}"),
        })
    }
}

/// From the first word to the end of the agent's turn.
async fn prompt(
    connection: &ConnectionTo<acp::Agent>,
    folder: &Path,
    case_file: &str,
    time: Duration,
) -> Result<(), NoAnswer> {
    let end = tokio::time::Instant::now() + time;
    let session =
        tokio::time::timeout_at(end, open(connection, folder)).await.map_err(|_| NoAnswer::TooLong)??;
    let text = ContentBlock::Text(TextContent::new(case_file));
    let turn = connection.send_request(PromptRequest::new(session.clone(), vec![text])).block_task();
    tokio::pin!(turn);
    match tokio::time::timeout_at(end, &mut turn).await {
        Ok(turn) => ended(&turn.map_err(|error| no_answer(&error))?),
        Err(_) => {
            // It may put its things in order; whether it does changes nothing.
            let _told = connection.send_notification(CancelNotification::new(session));
            let _last = tokio::time::timeout(LAST_WORDS, turn).await;
            Err(NoAnswer::TooLong)
        }
    }
}

async fn open(connection: &ConnectionTo<acp::Agent>, folder: &Path) -> Result<SessionId, NoAnswer> {
    let files = FileSystemCapabilities::new().read_text_file(true).write_text_file(true);
    let hello = InitializeRequest::new(ProtocolVersion::V1)
        .client_capabilities(ClientCapabilities::new().fs(files))
        .client_info(Implementation::new("orderly", env!("CARGO_PKG_VERSION")));
    let answer = connection.send_request(hello).block_task().await.map_err(|error| no_answer(&error))?;
    if answer.protocol_version != ProtocolVersion::V1 {
        return Err(NoAnswer::Version(answer.protocol_version));
    }
    let session = connection.send_request(NewSessionRequest::new(folder)).block_task().await;
    Ok(session.map_err(|error| no_answer(&error))?.session_id)
}

fn ended(turn: &PromptResponse) -> Result<(), NoAnswer> {
    match turn.stop_reason {
        StopReason::EndTurn => Ok(()),
        StopReason::MaxTokens => Err(NoAnswer::Stopped("it used all the tokens that it may")),
        StopReason::MaxTurnRequests => Err(NoAnswer::Stopped("it asked its model as often as it may")),
        StopReason::Refusal => Err(NoAnswer::Stopped("it refused the case")),
        StopReason::Cancelled => Err(NoAnswer::Stopped("somebody cancelled it")),
        _ => Err(NoAnswer::Stopped("for a reason that this version does not know")),
    }
}

/// Only the code of an error: its text is whatever the agent likes to say.
fn no_answer(error: &acp::Error) -> NoAnswer {
    if acp::is_connection_terminated(error) || acp::is_incoming_transport_closed(error) {
        return NoAnswer::Left;
    }
    match error.code {
        acp::ErrorCode::AUTH_REQUIRED => NoAnswer::Login,
        code => NoAnswer::Error(code.value()),
    }
}
