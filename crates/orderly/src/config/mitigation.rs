//! `[[incident.mitigation]]`: what may be done to end an impact.

use super::file::{MitigationSection, Words};
use super::fix::argv;
use crate::failure::{Failure, Kind as Fault};
use orderly_core::ids::ProjectSlug;
use orderly_core::incident::mitigation::{Kind, Mitigation, Reversibility, Sign, Template};
use orderly_core::time::Seconds;

/// How long a command may take where nobody said.
const TIME: Seconds = Seconds(600);

/// What the option is called that is there without being configured.
const HOTFIX: &str = "hotfix";

/// An option, and how its commands are run.
#[derive(Clone, Debug)]
pub struct MitigationSettings {
    /// The option.
    pub option: Mitigation,
    /// How long a command may take.
    pub time: Seconds,
    /// Names of variables that its commands are given.
    pub environment: Vec<String>,
}

/// The options, in the order of the file.
///
/// # Errors
/// A usage failure that names option and setting.
pub fn resolve(sections: &[MitigationSection]) -> Result<Vec<MitigationSettings>, Failure> {
    let mut all: Vec<MitigationSettings> = Vec::new();
    for section in sections {
        let settings = option(section)?;
        if all.iter().any(|other| other.option.name == settings.option.name) {
            return Err(wrong(section, "name", "two options are called so"));
        }
        all.push(settings);
    }
    // The code can always be repaired.
    if !all.iter().any(|settings| settings.option.kind == Kind::Hotfix || settings.option.name == HOTFIX) {
        all.push(hotfix());
    }
    Ok(all)
}

fn hotfix() -> MitigationSettings {
    MitigationSettings {
        option: Mitigation {
            name: HOTFIX.to_owned(),
            kind: Kind::Hotfix,
            command: None,
            reversibility: Reversibility::ByHand,
            time_to_effect: None,
            reach: Kind::Hotfix.usual_reach(),
            projects: Vec::new(),
            shown_by: Vec::new(),
        },
        time: TIME,
        environment: Vec::new(),
    }
}

fn option(section: &MitigationSection) -> Result<MitigationSettings, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = &section.name;
    if name.is_empty() || name.len() > 60 || name.starts_with('-') || !name.chars().all(plain) {
        return Err(wrong(section, "name", "a name has 1 to 60 letters, digits and `-_.`"));
    }
    let command = section.command.as_ref().map(|words| template(section, "command", words)).transpose()?;
    let undo = section.undo.as_ref().map(|words| template(section, "undo", words)).transpose()?;
    if section.kind == Kind::Hotfix && (command.is_some() || undo.is_some()) {
        return Err(wrong(
            section,
            "command",
            "a hotfix goes through `orderly fix`, and is taken back by a release",
        ));
    }
    let reversibility = match (undo, &section.one_way) {
        (Some(_), Some(_)) => {
            return Err(wrong(section, "one_way", "what has an undo command can be taken back"));
        }
        (Some(undo), None) => Reversibility::Command(undo),
        (None, Some(why)) => Reversibility::Never(why.clone()),
        (None, None) => Reversibility::ByHand,
    };
    let shown_by = section.shown_by.iter().map(|text| Sign::parse(text)).collect::<Result<_, _>>();
    Ok(MitigationSettings {
        option: Mitigation {
            name: name.clone(),
            kind: section.kind,
            command,
            reversibility,
            time_to_effect: section.time_to_effect.map(|span| span.0),
            reach: section.blast_radius.unwrap_or(section.kind.usual_reach()),
            projects: section.projects.iter().map(ProjectSlug::new).collect(),
            shown_by: shown_by.map_err(|why| wrong(section, "shown_by", &why))?,
        },
        time: section.time.map_or(TIME, |span| span.0),
        environment: section.environment.clone(),
    })
}

fn template(section: &MitigationSection, setting: &str, words: &Words) -> Result<Template, Failure> {
    let words = argv(&format!("incident.mitigation.{setting}"), words.clone())?;
    Template::parse(&words).map_err(|error| wrong(section, setting, &error.to_string()))
}

fn wrong(section: &MitigationSection, setting: &str, why: &str) -> Failure {
    let name = section.name.escape_debug();
    Failure::new(Fault::Usage, format!("`incident.mitigation.{setting}` of `{name}`: {why}"))
}
