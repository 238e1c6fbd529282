//! `orderly demo`: the whole backlog sync on an embedded Sentry and tracker with a day of traffic, and no account.
//!
//! The servers run here; the sync is this same program, started as a person would start it, so what is shown is what
//! the commands really print.

use super::local::pointers;
use crate::cli::Demo;
use crate::config::FILE_NAME;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress;
use orderly_local::traffic::{Played, Player, shop};
use orderly_local::{DataLocation, LocalConfig, LocalServers, Ready, Steering};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

/// The day that is played; another number is another day.
const DAY: u64 = 20;

/// Plays the day and runs the sync on it: preview, apply, and once more.
pub async fn run(demo: Demo, printer: Printer) -> Result<ExitCode, Failure> {
    if printer.format() == Format::Json {
        return Err(Failure::new(Kind::Usage, "`orderly demo` shows what people read; it has no JSON form")
            .hint("run `orderly local --ephemeral --json` and `orderly sync --json` for programs"));
    }
    let folder = Folder::make(&demo)?;
    let servers = start().await?;
    let shown = tokio::select! {
        shown = show(&servers, &folder, printer) => shown,
        () = super::interrupted() => Err(Failure::new(Kind::Incomplete, "stopped: nothing of the demo is left behind")),
    };
    if shown.is_ok() && demo.keep {
        printer.data(&keeping(&servers, &folder, printer))?;
        super::interrupted().await;
    }
    servers.stop().await.map_err(|error| {
        Failure::new(Kind::Incomplete, "the embedded servers did not stop cleanly").because(&error)
    })?;
    folder.remove();
    shown.map(|()| ExitCode::SUCCESS)
}

/// One command of the show.
struct Act {
    what: &'static str,
    arguments: &'static [&'static str],
    shown: Shown,
}

/// How much of a report is shown.
enum Shown {
    Whole,
    Table,
}

const ACTS: [Act; 4] = [
    Act {
        what: "What would a sync do? A preview writes nothing.",
        arguments: &["sync"],
        shown: Shown::Whole,
    },
    Act {
        what: "Do it: at most three new items a run; what is tracked already is linked.",
        arguments: &["sync", "--apply"],
        shown: Shown::Table,
    },
    Act {
        what: "The next run takes what the cap left over.",
        arguments: &["sync", "--apply"],
        shown: Shown::Table,
    },
    Act {
        what: "Once more: nothing is new, and nothing is filed twice.",
        arguments: &["sync", "--apply"],
        shown: Shown::Table,
    },
];

/// The head of a report and its table.
fn upto_table(report: &str) -> &str {
    let table = report.find("## Created Or Linked").unwrap_or(0);
    let ends = ["\n\n- ", "\n\n## "].iter().filter_map(|end| report[table..].find(end)).min();
    ends.map_or(report, |end| &report[..table + end])
}

async fn show(servers: &LocalServers, folder: &Folder, printer: Printer) -> Result<(), Failure> {
    let style = printer.style();
    let ready = servers.ready();
    folder.write_project(ready)?;
    let played = play(servers, printer).await?;
    printer.data(&format!(
        "{}\n{} services sent {} events through the Sentry ingest endpoint; {} releases went out, people settled {} issues in Sentry and filed {} items by hand.\n",
        style.strong("A day in a small shop"),
        shop::PROJECTS.len(), played.events, played.releases, played.triaged, played.filed,
    ))?;
    for act in ACTS {
        let command = style.command(&format!("$ orderly {}", act.arguments.join(" ")));
        printer.data(&format!("{}\n{command}\n", style.strong(act.what)))?;
        let report = orderly(folder, act.arguments, printer).await?;
        printer.data(match act.shown {
            Shown::Whole => &report,
            Shown::Table => upto_table(&report),
        })?;
        printer.data("\n")?;
    }
    printer.data(&format!(
        "{}\nIn a project every run keeps its report under .orderly/reports, as Markdown and as JSON. `orderly history` lists the runs, `orderly undo RUN` takes one back.",
        style.strong("Where to look"),
    ))?;
    if !matches!(folder.fate, Fate::Kept) {
        printer.data(&format!("{} leaves the servers running and shows how to point `sentry`, `sentry-cli` and your own SDKs at them.", style.command("orderly demo --keep")))?;
    }
    Ok(())
}

async fn start() -> Result<LocalServers, Failure> {
    let config = LocalConfig {
        data: DataLocation::Ephemeral,
        projects: shop::PROJECTS.map(str::to_owned).to_vec(),
        steering: Steering::Nobody,
        ..LocalConfig::default()
    };
    LocalServers::start(config).await.map_err(|error| {
        Failure::new(Kind::Incomplete, "the embedded servers cannot be started").because(&error)
    })
}

async fn play(servers: &LocalServers, printer: Printer) -> Result<Played, Failure> {
    let failed = |error: &orderly_local::traffic::PlayError| {
        Failure::new(Kind::Incomplete, "the day of traffic could not be played").because(error)
    };
    let progress = Progress::new(printer);
    let start = servers.clock().now().as_second() - i64::from(shop::HOURS) * 3600;
    let day = shop::day(DAY, start);
    let player = Player::new(servers.ready()).map_err(|error| failed(&error))?;
    progress.step("a day of traffic begins");
    let quarter = |hour: u32| (hour + 1).is_multiple_of(6);
    player
        .play(servers.clock(), &day, start, |hour, so_far| {
            if quarter(hour) {
                progress.step(&format!(
                    "hour {} of {}: {} events so far",
                    hour + 1,
                    shop::HOURS,
                    so_far.events
                ));
            }
        })
        .await
        .map_err(|error| failed(&error))
}

/// Runs this program as a person would, in the folder of the demo, and returns what it printed.
async fn orderly(folder: &Folder, arguments: &[&str], printer: Printer) -> Result<String, Failure> {
    let failed =
        || Failure::new(Kind::Incomplete, format!("`orderly {}` did not succeed", arguments.join(" ")));
    let program = std::env::current_exe().map_err(|error| failed().because(&error))?;
    let mut command = tokio::process::Command::new(program);
    command
        .args(arguments)
        .arg("--quiet")
        .current_dir(&folder.path)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    // Whatever the surrounding shell is pointed at must not reach into the demo.
    for name in [
        "SENTRY_URL",
        "SENTRY_ORG",
        "SENTRY_AUTH_TOKEN",
        "SENTRY_AUTH",
        "LINEAR_API_URL",
        "LINEAR_API_KEY",
        "ORDERLY_DATABASE_URL",
    ] {
        command.env_remove(name);
    }
    let color = if printer.style() == crate::output::style::Style::Colored { "always" } else { "never" };
    let output = command.args(["--color", color]).output().await.map_err(|error| failed().because(&error))?;
    if !output.status.success() {
        return Err(failed());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn keeping(servers: &LocalServers, folder: &Folder, printer: Printer) -> String {
    let style = printer.style();
    let ready = servers.ready();
    let mut text = vec![
        String::new(),
        style.strong("Still running. In another terminal:"),
        format!("  {}", style.command(&format!("cd {} && orderly history", folder.path.display()))),
    ];
    text.extend(pointers(ready).into_iter().map(|line| format!("  {}", style.command(&line))));
    text.push(format!("  tracker items: {}", ready.tracker.url.replace("/graphql", "")));
    text.push(style.dim("Ctrl-C stops the servers and removes the folder."));
    text.join("\n")
}

/// The folder that the demo works in: a project like any other.
struct Folder {
    path: PathBuf,
    fate: Fate,
}

/// Whether the servers outlive the show.
enum Fate {
    Kept,
    Shown,
}

impl Folder {
    fn make(demo: &Demo) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("orderly-demo-{}", std::process::id()));
        private_folder(&path).map_err(|error| {
            Failure::new(Kind::Incomplete, format!("{} cannot be made", path.display())).because(&error)
        })?;
        Ok(Self { path, fate: if demo.keep { Fate::Kept } else { Fate::Shown } })
    }

    fn write_project(&self, ready: &Ready) -> Result<(), Failure> {
        let config = format!(
            "[sentry]\nurl = \"{}\"\norg = \"{}\"\n\n[tracker]\nurl = \"{}\"\nteam = \"{}\"\n",
            ready.sentry.url, ready.sentry.org, ready.tracker.url, ready.tracker.team
        );
        let tokens =
            format!("SENTRY_AUTH_TOKEN={}\nLINEAR_API_KEY={}\n", ready.sentry.token, ready.tracker.token);
        for (name, text) in [(FILE_NAME, config), (".env", tokens)] {
            let path = self.path.join(name);
            std::fs::write(&path, text).map_err(|error| {
                Failure::new(Kind::Incomplete, format!("{} cannot be written", path.display()))
                    .because(&error)
            })?;
        }
        Ok(())
    }

    fn remove(&self) {
        // It lies in the system's folder for temporary files; what cannot be removed now goes with that.
        drop(std::fs::remove_dir_all(&self.path));
    }
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
