//! The reference pages under `docs/`, made from the program itself and compared with what is committed.
//! `UPDATE_REFERENCES=1 cargo nextest run -p orderly references` writes them.

use crate::cli::Cli;
use crate::config::reference;
use clap::{Arg, Command, CommandFactory};
use std::fmt::Write;
use std::path::PathBuf;

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let mut page = "# Commands\n\nMade from the program's own help; a test keeps it true.\n".to_owned();
    page.push_str(
        "\nExit codes: 0 done, also when nothing qualified; 1 a check failed or something could not be completed; \
         2 wrong use or configuration; 3 access (missing or refused credentials); 4 refused by a guardrail (stale plan, \
         another run at work).\n",
    );
    let mut root = Cli::command();
    root.build();
    options(&mut page, "Every command", root.get_arguments().filter(|arg| arg.is_global_set()));
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        section(&mut page, command, "orderly");
    }
    compare("commands.md", &page);
}

#[test]
fn the_page_of_settings_is_what_the_program_reads() {
    compare("configuration.md", &reference::page());
}

fn section(page: &mut String, command: &Command, above: &str) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let name = format!("{above} {}", command.get_name());
    writeln!(page, "\n## {name}\n\n{about}.\n\n```text\n{usage}\n```").unwrap();
    options(page, "Options", command.get_arguments().filter(|arg| !arg.is_global_set()));
    for below in command.get_subcommands().filter(|command| command.get_name() != "help") {
        section(page, below, &name);
    }
}

fn options<'a>(page: &mut String, title: &str, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<String> = arguments
        .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
        .map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let default: Vec<_> =
                arg.get_default_values().iter().filter_map(|value| value.to_str()).collect();
            let shown = arg.get_action().takes_values() && !default.is_empty();
            let default =
                if shown { format!(" (default: `{}`)", default.join("`, `")) } else { String::new() };
            let env =
                arg.get_env().and_then(|name| name.to_str()).map(|name| format!(" (environment: `{name}`)"));
            format!(
                "| `{}` | {}{default}{} |",
                spelled(arg),
                help.replace('|', "\\|"),
                env.unwrap_or_default()
            )
        })
        .collect();
    if !rows.is_empty() {
        writeln!(page, "\n| {title} | Meaning |\n|---|---|\n{}", rows.join("\n")).unwrap();
    }
}

fn spelled(arg: &Arg) -> String {
    let value =
        arg.get_value_names().filter(|_| arg.get_action().takes_values()).map(|names| names.join(" "));
    let flag = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => return value.unwrap_or_default(),
    };
    value.map_or(flag.clone(), |value| format!("{flag} {value}"))
}

fn compare(name: &str, page: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_REFERENCES").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/{name} is out of date: UPDATE_REFERENCES=1 cargo nextest run -p orderly references"
    );
}
