//! A small agent of the Agent Client Protocol that works by a script instead of a model, to try `orderly fix --agent` with:
//!
//! ```toml
//! [fix.agents.scripted]
//! kind = "acp"
//! command = ["target/debug/examples/acp_agent", "steps.json"]
//! readable = ["target/debug/examples/acp_agent", "steps.json"]
//! ```
//!
//! `steps.json` is a list of steps. Files are read and written through the client; paths are relative to the session's folder
//! unless they begin with `/`:
//!
//! ```json
//! [
//!   {"expect": "ZeroDivisionError"},
//!   {"replace": {"path": "orders.py", "old": "len(prices)", "new": "max(len(prices), 1)"}},
//!   {"write": {"path": "notes/new.txt", "text": "x"}},
//!   {"read": "/etc/passwd"},
//!   {"may": {"kind": "execute", "path": "orders.py"}},
//!   {"terminal": "id"},
//!   {"run": ["python3", "-c", "print(1)"]},
//!   {"say": "Root cause: it divides by zero\nFix: it does not"},
//!   {"hang": null}
//! ]
//! ```
//!
//! `{steps}` in what is said stands for what became of the steps before, one word each.

use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    AgentCapabilities, CancelNotification, ContentBlock, ContentChunk, CreateTerminalRequest, Implementation,
    InitializeRequest, InitializeResponse, NewSessionRequest, NewSessionResponse, PermissionOption,
    PermissionOptionKind, PromptRequest, PromptResponse, ReadTextFileRequest, RequestPermissionOutcome,
    RequestPermissionRequest, SessionId, SessionNotification, SessionUpdate, StopReason, TextContent,
    ToolCallLocation, ToolCallUpdate, ToolCallUpdateFields, ToolKind, WriteTextFileRequest,
};
use agent_client_protocol::{Agent, Client, Error, Result, Stdio};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Expect(String),
    Replace { path: String, old: String, new: String },
    Write { path: String, text: String },
    Read(String),
    May { kind: ToolKind, path: Option<String> },
    Terminal(String),
    Run(Vec<String>),
    Say(String),
    Hang(()),
}

/// One session: its folder and its name.
#[derive(Clone)]
struct Session {
    id: SessionId,
    folder: PathBuf,
    client: ConnectionTo<Client>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).ok_or_else(|| Error::invalid_params().data("no script is named"))?;
    let script = std::fs::read_to_string(file).map_err(Error::into_internal_error)?;
    let steps: Vec<Step> = serde_json::from_str(&script).map_err(Error::into_internal_error)?;
    let folder = Arc::new(Mutex::new(PathBuf::new()));
    let (opened, cancelled) = (Arc::clone(&folder), Arc::new(tokio::sync::Notify::new()));
    let cancels = Arc::clone(&cancelled);
    Agent
        .v1()
        .name("scripted")
        .on_receive_request(
            async move |hello: InitializeRequest, responder, _| {
                responder.respond(
                    InitializeResponse::new(hello.protocol_version)
                        .agent_capabilities(AgentCapabilities::new())
                        .agent_info(Implementation::new("scripted", env!("CARGO_PKG_VERSION"))),
                )
            },
            agent_client_protocol::on_receive_request!(),
        )
        .on_receive_request(
            async move |new: NewSessionRequest, responder, _| {
                opened.lock().map_err(Error::into_internal_error)?.clone_from(&new.cwd);
                responder.respond(NewSessionResponse::new("only"))
            },
            agent_client_protocol::on_receive_request!(),
        )
        .on_receive_notification(
            async move |_: CancelNotification, _| {
                cancels.notify_one();
                Ok(())
            },
            agent_client_protocol::on_receive_notification!(),
        )
        .on_receive_request(
            async move |prompt: PromptRequest, responder, client: ConnectionTo<Client>| {
                let folder = folder.lock().map_err(Error::into_internal_error)?.clone();
                let session = Session { id: prompt.session_id, folder, client: client.clone() };
                let case = prompt.prompt.iter().map(text_of).collect::<String>();
                let (steps, cancelled) = (steps.clone(), Arc::clone(&cancelled));
                // The turn asks the client, so it must not hold the loop that brings the answers.
                client.spawn(async move {
                    tokio::select! {
                        done = session.work(&steps, &case) => {
                            done?;
                            responder.respond(PromptResponse::new(StopReason::EndTurn))
                        }
                        () = cancelled.notified() => responder.respond(PromptResponse::new(StopReason::Cancelled)),
                    }
                })
            },
            agent_client_protocol::on_receive_request!(),
        )
        .connect_to(Stdio::new())
        .await
}

fn text_of(block: &ContentBlock) -> &str {
    if let ContentBlock::Text(text) = block { &text.text } else { "" }
}

impl Session {
    async fn work(&self, steps: &[Step], case: &str) -> Result<()> {
        let mut became: Vec<String> = Vec::new();
        for step in steps {
            let word = match step {
                Step::Say(text) => {
                    self.say(&text.replace("{steps}", &became.join(" "))).map(|()| "said".to_owned())
                }
                step => self.step(step, case).await,
            };
            became.push(word.unwrap_or_else(|_| "refused".to_owned()));
        }
        Ok(())
    }

    async fn step(&self, step: &Step, case: &str) -> Result<String> {
        match step {
            Step::Expect(text) if case.contains(text) => {}
            Step::Expect(_) => return Ok("missing".to_owned()),
            Step::Replace { path, old, new } => {
                self.write(path, self.read(path).await?.replace(old, new)).await?;
            }
            Step::Write { path, text } => self.write(path, text.clone()).await?,
            Step::Read(path) => drop(self.read(path).await?),
            Step::May { kind, path } => return self.may(*kind, path.as_deref()).await,
            Step::Terminal(command) => {
                let request = CreateTerminalRequest::new(self.id.clone(), command.clone());
                self.client.send_request(request).block_task().await?;
            }
            Step::Run(argv) => {
                let (program, arguments) = argv.split_first().ok_or_else(Error::invalid_params)?;
                let ran = tokio::process::Command::new(program).args(arguments).output().await;
                let ran = ran.map_err(Error::into_internal_error)?;
                return Ok(if ran.status.success() { "ran" } else { "failed" }.to_owned());
            }
            Step::Say(_) => {}
            Step::Hang(_) => std::future::pending().await,
        }
        Ok("done".to_owned())
    }

    async fn read(&self, path: &str) -> Result<String> {
        let request = ReadTextFileRequest::new(self.id.clone(), self.folder.join(path));
        Ok(self.client.send_request(request).block_task().await?.content)
    }

    async fn write(&self, path: &str, text: String) -> Result<()> {
        let request = WriteTextFileRequest::new(self.id.clone(), self.folder.join(path), text);
        self.client.send_request(request).block_task().await.map(drop)
    }

    async fn may(&self, kind: ToolKind, path: Option<&str>) -> Result<String> {
        let places = path.map(|path| vec![ToolCallLocation::new(self.folder.join(path))]);
        let fields = ToolCallUpdateFields::new().kind(kind).locations(places);
        let option = |kind, name: &'static str| PermissionOption::new(name, name, kind);
        let options = vec![
            option(PermissionOptionKind::AllowAlways, "always"),
            option(PermissionOptionKind::AllowOnce, "once"),
            option(PermissionOptionKind::RejectOnce, "no"),
        ];
        let request =
            RequestPermissionRequest::new(self.id.clone(), ToolCallUpdate::new("asked", fields), options);
        let answer = self.client.send_request(request).block_task().await?;
        Ok(match answer.outcome {
            RequestPermissionOutcome::Selected(selected) => selected.option_id.to_string(),
            _ => "cancelled".to_owned(),
        })
    }

    fn say(&self, text: &str) -> Result<()> {
        let chunk = ContentChunk::new(ContentBlock::Text(TextContent::new(text)));
        let update = SessionUpdate::AgentMessageChunk(chunk);
        self.client.send_notification(SessionNotification::new(self.id.clone(), update))
    }
}
