//! What agents are told about a job or a role, and where a project says it in words of its own.

use orderly_serve::mcp::Skill;
use std::path::Path;

/// The text of a skill: `.orderly/skills/NAME.md` of the project, where it is there; otherwise the built-in one.
pub fn text(project: &Path, skill: Skill) -> String {
    let own = project.join(".orderly/skills").join(format!("{}.md", skill.name()));
    std::fs::read_to_string(own).unwrap_or_else(|_| skill.text().to_owned())
}
