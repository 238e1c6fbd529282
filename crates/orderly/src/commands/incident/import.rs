//! `orderly incident import`: what others recorded becomes entries of the timeline, each once.

use super::desk::{Desk, or};
use crate::cli::incident::Import;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_core::incident::{Audience, IncidentKey, TimelineView, What};
use orderly_core::watch::Raised;
use orderly_engine::incident::ImportPorts;
use serde_json::json;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

/// Largest file of alarms that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// `orderly incident import`
pub(super) async fn import(desk: &Desk, asked: &Import, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&asked.incident)?;
    let alarms = asked.alarms.as_deref().map(read).transpose()?;
    let before = or(desk.job().log(&key).await)?.entries().len();
    let site = desk.config().settings.site()?;
    let ports = ImportPorts { history: desk.sentry(), changes: desk.sentry(), site: &site };
    let looked = alarms.is_some();
    let imported = desk.job().import(ports, &key, alarms.unwrap_or_default(), desk.scrubber()).await;
    let (log, new, gaps) = desk.closed(imported).await?;
    let added: Vec<TimelineView> = log
        .timeline(desk.scrubber(), Audience::Open)
        .into_iter()
        .filter(|entry| {
            let place = entry.sequence as usize;
            let what = log.entries().get(place.saturating_sub(1)).map(|logged| &logged.entry.what);
            place > before && matches!(what, Some(What::Imported { .. }))
        })
        .collect();
    match printer.format() {
        Format::Json => {
            let gaps: Vec<_> =
                gaps.0.iter().map(|(what, cause)| json!({"what": what, "cause": cause})).collect();
            printer.json(&json!({"imported": added, "new": new, "gaps": gaps}))?;
        }
        Format::Text => printer.data(&shown(&key, new, &added))?,
    }
    for (what, cause) in &gaps.0 {
        printer.note(&format!("not looked at: {what}: {cause}"));
    }
    if !looked {
        printer.note("not looked at: alarms of orderly watch: --alarms names a file with its lines");
    }
    Ok(if gaps.0.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn shown(key: &IncidentKey, new: u32, added: &[TimelineView]) -> String {
    let mut lines = vec![match new {
        0 => format!("Nothing is new for {key}."),
        _ if added.is_empty() => format!("{new} new in {key}: {}.", Audience::WITHHELD),
        1 => format!("1 entry is new in {key}:"),
        _ => format!("{new} entries are new in {key}:"),
    }];
    lines.extend(added.iter().map(|entry| {
        format!("{} {} ({}): {}", entry.at.strftime("%F %R UTC"), entry.kind, entry.author, entry.text)
    }));
    lines.join("\n")
}

/// The alarms that `orderly watch` printed: one line of JSON each.
fn read(file: &Path) -> Result<Vec<Raised>, Failure> {
    let unread = |why: String| {
        Failure::new(Kind::Usage, format!("the alarms in {} cannot be read: {why}", file.display()))
            .hint("the file has what `orderly watch > FILE` prints: one line of JSON an alarm")
    };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(|error| unread(error.to_string()))?;
    let read =
        opened.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unread(error.to_string()))?;
    if read as u64 > LARGEST {
        return Err(unread(format!("it is larger than {LARGEST} bytes")));
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|_| unread(format!("line {number} is no alarm")))
        })
        .collect()
}
