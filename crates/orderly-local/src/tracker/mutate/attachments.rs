//! Attachments: links on issues, one per issue and URL.

use apollo_compiler::response::JsonMap;

use super::input::{self, AttachmentCreate, AttachmentUpdate, Patch};
use super::{Decision, Desk, comments};
use crate::tracker::call::Call;
use crate::tracker::model::{Attachment, AttachmentId, Grouping};
use crate::tracker::problem::Problem;
use crate::tracker::render::Payload;
use crate::tracker::world::Change;

pub(super) fn create(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: AttachmentCreate = call.input()?;
    if input.title.trim().is_empty() {
        return Err(Problem::argument("title should not be empty."));
    }
    let mut attachment = at_url(desk, &input.issue_id, &input.url, input.id.as_deref())?;
    attachment.title = input.title;
    attachment.subtitle = input.subtitle;
    attachment.metadata = input.metadata.unwrap_or_default();
    attachment.grouping =
        if input.group_by_source == Some(true) { Grouping::BySource } else { Grouping::Single };
    let mut decision = put(attachment);
    if let (Some(body), Some(issue)) = (&input.comment_body, desk.world.issue_by_any_id(&input.issue_id)) {
        decision.changes.push(Change::Comment(comments::new(desk, issue.id.clone(), body)?));
    }
    Ok(decision)
}

pub(super) fn link(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let mut attachment = at_url(desk, call.text("issueId"), call.text("url"), call.optional_text("id"))?;
    if let Some(title) = call.optional_text("title") {
        attachment.title = title.to_owned();
    }
    Ok(put(attachment))
}

/// The attachment of this issue at this URL: the existing one, or a new one titled by its URL.
fn at_url(desk: &Desk<'_>, issue: &str, url: &str, id: Option<&str>) -> Result<Attachment, Problem> {
    let issue = desk.issue(issue)?;
    if url::Url::parse(url).is_err() {
        return Err(Problem::argument("url must be a URL address."));
    }
    if let Some(known) = desk.world.attachments_of(&issue.id).find(|known| known.url == url) {
        return Ok(Attachment { updated_at: desk.now, ..known.clone() });
    }
    let id = match id.map(input::client_id).transpose()? {
        Some(id) if desk.world.attachments.contains_key(id.as_str()) => {
            return Err(Problem::conflict("Attachment", &id));
        }
        Some(id) => AttachmentId::from(id),
        None => AttachmentId::random(),
    };
    Ok(Attachment {
        id,
        issue: issue.id.clone(),
        original_issue: None,
        url: url.to_owned(),
        title: url.to_owned(),
        subtitle: None,
        metadata: JsonMap::new(),
        grouping: Grouping::Single,
        creator: Some(desk.viewer.id.clone()),
        created_at: desk.now,
        updated_at: desk.now,
    })
}

fn put(attachment: Attachment) -> Decision {
    let payload = Payload::Attachment(attachment.id.clone());
    Decision { changes: vec![Change::Attachment(attachment)], payload }
}

pub(super) fn update(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: AttachmentUpdate = call.input()?;
    let mut attachment = known(desk, call)?.clone();
    attachment.title = input.title;
    match input.subtitle {
        Patch::Keep => {}
        Patch::Clear => attachment.subtitle = None,
        Patch::Set(text) => attachment.subtitle = Some(text),
    }
    match input.metadata {
        Patch::Keep => {}
        Patch::Clear => attachment.metadata = JsonMap::new(),
        Patch::Set(metadata) => attachment.metadata = metadata,
    }
    attachment.updated_at = desk.now;
    Ok(put(attachment))
}

pub(super) fn delete(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let id = known(desk, call)?.id.clone();
    let payload = Payload::Deleted(id.as_str().to_owned());
    Ok(Decision { changes: vec![Change::RemoveAttachment(id)], payload })
}

fn known<'w>(desk: &Desk<'w>, call: &Call) -> Result<&'w Attachment, Problem> {
    desk.world.attachments.get(call.text("id")).ok_or_else(|| Problem::not_found("Attachment"))
}
