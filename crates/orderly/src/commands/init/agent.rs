//! `orderly init --agent NAME`: the MCP server in the configuration of a client, and the skills beside it. Shown first; what a
//! person changed is kept; `--undo` takes it back.

use crate::cli::{AgentClient, Global, Init};
use crate::commands::scope::configure;
use crate::commands::{ask, skills};
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_serve::mcp::{Skill, Spelling};
use serde_json::{Map, Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The name of the server in every client.
const NAME: &str = "orderly";

/// Shows what would be written for a client, and writes it.
pub fn run(global: &Global, init: Init, client: AgentClient, printer: Printer) -> Result<ExitCode, Failure> {
    let dir = configure(global, init.scope, |_| {})?.dir;
    let mut changes = Vec::new();
    for wanted in files(&dir, client)? {
        changes.push(if init.undo { wanted.undone(init.force) } else { wanted.written(init.force) });
    }
    let open = changes.iter().any(|change| change.kind != Kinds::Unchanged && change.kind != Kinds::Kept);
    if printer.format() == Format::Text {
        printer.data(&told(&changes, printer))?;
    }
    let written = open && (init.yes || ask::yes("Write this?")?);
    if written {
        changes.iter().try_for_each(Change::write)?;
    }
    if printer.format() == Format::Json {
        let files = changes.iter().map(|change| json!({"path": change.path, "change": change.kind.word()}));
        printer
            .json(&json!({"agent": client.word(), "written": written, "files": files.collect::<Vec<_>>()}))?;
    } else if !open {
        printer.note("Nothing is left to do.");
    } else if !written {
        printer.note("Nothing is written; --yes writes it.");
    }
    Ok(ExitCode::SUCCESS)
}

/// A file of the project.
struct Wanted {
    path: PathBuf,
    before: Option<String>,
    ours: String,
    whose: Whose,
}

enum Whose {
    /// A person's, with an entry of ours; this is the file without the entry, if anything is left.
    Theirs(Option<String>),
    /// Ours, unless it says something else.
    Ours,
}

impl Wanted {
    fn written(self, force: bool) -> Change {
        let kind = match (&self.before, &self.whose) {
            (None, _) => Kinds::Written,
            (Some(before), _) if *before == self.ours => Kinds::Unchanged,
            (Some(_), Whose::Ours) if !force => Kinds::Kept,
            (Some(_), _) => Kinds::Changed,
        };
        Change { path: self.path, kind, after: Some(self.ours) }
    }

    fn undone(self, force: bool) -> Change {
        let (kind, after) = match (self.before, self.whose) {
            (None, _) => (Kinds::Unchanged, None),
            (Some(before), Whose::Ours) if before != self.ours && !force => (Kinds::Kept, Some(before)),
            (Some(_), Whose::Ours | Whose::Theirs(None)) => (Kinds::Removed, None),
            (before, Whose::Theirs(without)) if before == without => (Kinds::Unchanged, without),
            (_, Whose::Theirs(without)) => (Kinds::Changed, without),
        };
        Change { path: self.path, kind, after }
    }
}

fn files(dir: &Path, client: AgentClient) -> Result<Vec<Wanted>, Failure> {
    let mut files = vec![configuration(dir, client)?];
    let (folder, spelling) = client.skills();
    for skill in Skill::ALL {
        let path = dir.join(folder).join(skill.name()).join("SKILL.md");
        let ours = skill.file(&skills::text(dir, skill), spelling);
        files.push(Wanted { before: read(&path)?, path, ours, whose: Whose::Ours });
    }
    Ok(files)
}

impl AgentClient {
    const fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::Vscode => "vscode",
            Self::Zed => "zed",
        }
    }

    /// The folder that it finds a project's skills in, and how it spells tools there.
    const fn skills(self) -> (&'static str, Spelling) {
        match self {
            Self::Claude => (".claude/skills", Spelling::Prefixed),
            Self::Cursor => (".cursor/skills", Spelling::Plain),
            Self::Vscode => (".github/skills", Spelling::Plain),
            Self::Codex | Self::Zed => (".agents/skills", Spelling::Plain),
        }
    }

    /// The file that it finds a project's servers in, the table of them there, and the entry.
    fn entry(self) -> (&'static str, &'static str, Value) {
        let plain = json!({"command": "orderly", "args": ["mcp"]});
        match self {
            Self::Claude => (".mcp.json", "mcpServers", plain),
            Self::Codex => (".codex/config.toml", "mcp_servers", plain),
            // These start a server wherever they are themselves.
            Self::Cursor => (
                ".cursor/mcp.json",
                "mcpServers",
                json!({"command": "orderly", "args": ["mcp", "--config", "${workspaceFolder}/orderly.toml"]}),
            ),
            Self::Vscode => (
                ".vscode/mcp.json",
                "servers",
                json!({"type": "stdio", "command": "orderly", "args": ["mcp"], "cwd": "${workspaceFolder}"}),
            ),
            Self::Zed => (".zed/settings.json", "context_servers", plain),
        }
    }
}

fn configuration(dir: &Path, client: AgentClient) -> Result<Wanted, Failure> {
    let (file, table, entry) = client.entry();
    let path = dir.join(file);
    let before = read(&path)?;
    let unreadable = |why: &dyn std::fmt::Display| {
        Failure::new(Kind::Usage, format!("{} cannot be added to: {why}", path.display()))
            .hint(format!("add it by hand: \"{table}\": {{\"{NAME}\": {entry}}}"))
    };
    let (ours, without) = if file.ends_with(".toml") {
        in_toml(before.as_deref(), table, &entry).map_err(|error| unreadable(&error))?
    } else {
        in_json(before.as_deref(), table, &entry).map_err(|why| unreadable(&why))?
    };
    Ok(Wanted { path, before, ours, whose: Whose::Theirs(without) })
}

/// A JSON file with the entry, and without it; `None` when nothing else is in it. What is right already keeps its form.
fn in_json(text: Option<&str>, table: &str, entry: &Value) -> Result<(String, Option<String>), String> {
    let mut root: Map<String, Value> = match text {
        Some(text) if !text.trim().is_empty() => {
            serde_json::from_str(text).map_err(|error| error.to_string())?
        }
        _ => Map::new(),
    };
    let page = |root: &Map<String, Value>| {
        serde_json::to_string_pretty(root).map(|text| text + "\n").map_err(|error| error.to_string())
    };
    let servers = root.entry(table).or_insert_with(|| json!({}));
    let servers = servers.as_object_mut().ok_or_else(|| format!("`{table}` is no table"))?;
    let before = servers.insert(NAME.to_owned(), entry.clone());
    let ours = match text {
        Some(text) if before.as_ref() == Some(entry) => text.to_owned(),
        _ => page(&root)?,
    };
    if before.is_none() {
        return Ok((ours, text.map(str::to_owned)));
    }
    let emptied = root.get_mut(table).and_then(Value::as_object_mut).is_some_and(|servers| {
        servers.shift_remove(NAME);
        servers.is_empty()
    });
    if emptied {
        root.shift_remove(table);
    }
    let without = if root.is_empty() { None } else { Some(page(&root)?) };
    Ok((ours, without))
}

fn in_toml(
    text: Option<&str>,
    table: &str,
    entry: &Value,
) -> Result<(String, Option<String>), toml_edit::TomlError> {
    let mut document: toml_edit::DocumentMut = text.unwrap_or_default().parse()?;
    let mut server = toml_edit::Table::new();
    server["command"] = toml_edit::value(entry["command"].as_str().unwrap_or_default());
    let arguments = entry["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
    server["args"] = toml_edit::value(arguments.collect::<toml_edit::Array>());
    let servers = document.entry(table).or_insert_with(|| {
        let mut servers = toml_edit::Table::new();
        servers.set_implicit(true);
        toml_edit::Item::Table(servers)
    });
    let shown = |item: Option<&toml_edit::Item>| item.map(|item| item.to_string().trim().to_owned());
    let same = servers
        .get(NAME)
        .and_then(toml_edit::Item::as_table_like)
        .is_some_and(|known| server.iter().all(|(key, value)| shown(known.get(key)) == shown(Some(value))));
    if !same {
        servers[NAME] = toml_edit::Item::Table(server);
    }
    let ours = document.to_string();
    if let Some(servers) = document.get_mut(table).and_then(toml_edit::Item::as_table_like_mut) {
        servers.remove(NAME);
        if servers.is_empty() {
            document.remove(table);
        }
    }
    let without = document.to_string();
    Ok((ours, Some(without).filter(|text| !text.trim().is_empty())))
}

/// What becomes of a file.
struct Change {
    path: PathBuf,
    kind: Kinds,
    after: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kinds {
    Written,
    Changed,
    Removed,
    Unchanged,
    /// A person has changed it.
    Kept,
}

impl Kinds {
    const fn word(self) -> &'static str {
        match self {
            Self::Written => "write",
            Self::Changed => "change",
            Self::Removed => "remove",
            Self::Unchanged => "unchanged",
            Self::Kept => "kept",
        }
    }
}

impl Change {
    fn write(&self) -> Result<(), Failure> {
        let lost = |error: std::io::Error| {
            Failure::new(Kind::Incomplete, format!("{} cannot be written", self.path.display()))
                .because(&error)
        };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        match (self.kind, &self.after) {
            (Kinds::Unchanged | Kinds::Kept, _) => Ok(()),
            (_, Some(text)) => {
                std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&self.path, text)).map_err(lost)
            }
            (_, None) => {
                std::fs::remove_file(&self.path).map_err(lost)?;
                // A folder with something else in it stays.
                let _stays = std::fs::remove_dir(folder);
                Ok(())
            }
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Failure::new(Kind::Usage, format!("{} cannot be read", path.display())).because(&error))
        }
    }
}

fn told(changes: &[Change], printer: Printer) -> String {
    let style = printer.style();
    let mut lines = Vec::new();
    for change in changes {
        let why = match change.kind {
            Kinds::Kept => ": it says something else; --force replaces it",
            _ => "",
        };
        lines.push(format!("{:9} {}{why}", change.kind.word(), change.path.display()));
    }
    let configuration = changes.first().filter(|change| change.kind != Kinds::Unchanged);
    if let Some(text) = configuration.and_then(|change| change.after.as_deref()) {
        lines.extend([String::new(), style.dim(text.trim_end())]);
    }
    lines.join("\n")
}
