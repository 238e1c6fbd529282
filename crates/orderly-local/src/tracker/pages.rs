//! The tracker for people: a list of the issues, and the page behind each permalink. Reading only.
//!
//! Whoever can reach the port can read them: it listens on this machine alone, and other web sites can neither read
//! the answers (no CORS) nor reach it by a name of their own (`Host` is checked in front of it).

use std::fmt::{self, Display, Write};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::model::{Attachment, Comment, Issue, Presence};
use super::scene::Scene;
use super::server::Server;
use crate::hidden::{is_hidden, is_web};

/// All issues, the newest first.
pub async fn list(State(server): State<Arc<Server>>) -> Response {
    let world = server.world.read().await;
    let Some(scene) = server.scene_of_anybody(&world) else { return missing() };
    let mut issues: Vec<&Issue> = world.issues.values().collect();
    issues.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(b.number.cmp(&a.number)));
    let mut body = format!("<h1>{}: {} issues</h1><table>", Escaped(&world.organization.name), issues.len());
    for issue in issues {
        let _ = write!(
            body,
            "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Escaped(&scene.issue_url(issue)),
            Escaped(&world.identifier(issue)),
            Escaped(&issue.title),
            Escaped(&standing(&scene, issue)),
            Escaped(issue.priority.label()),
        );
    }
    body.push_str("</table>");
    page(&world.organization.name, &body)
}

/// One issue with its links and comments.
pub async fn issue(
    State(server): State<Arc<Server>>,
    Path((_organization, identifier)): Path<(String, String)>,
) -> Response {
    show(&server, &identifier).await
}

/// The same, by a permalink that ends in words of the title.
pub async fn titled_issue(
    State(server): State<Arc<Server>>,
    Path((_organization, identifier, _title)): Path<(String, String, String)>,
) -> Response {
    show(&server, &identifier).await
}

async fn show(server: &Server, identifier: &str) -> Response {
    let world = server.world.read().await;
    let (Some(scene), Some(issue)) = (server.scene_of_anybody(&world), world.issue_by_any_id(identifier))
    else {
        return missing();
    };
    let name = world.identifier(issue);
    let labels: Vec<&str> =
        issue.labels.iter().filter_map(|id| world.labels.get(id)).map(|label| label.name.as_str()).collect();
    let assignee = scene.user(&issue.assignee).map_or("nobody", |user| user.name.as_str());
    let mut body = format!(
        "<p><a href=\"/\">All issues</a></p><h1>{} {}</h1><p>{} · {} · assigned to {} · {}</p><pre>{}</pre>",
        Escaped(&name),
        Escaped(&issue.title),
        Escaped(&standing(&scene, issue)),
        Escaped(issue.priority.label()),
        Escaped(assignee),
        Escaped(&labels.join(", ")),
        Escaped(issue.description.as_deref().unwrap_or("No description.")),
    );
    for attachment in world.attachments_of(&issue.id) {
        write_attachment(&mut body, attachment);
    }
    for comment in world.comments_of(&issue.id) {
        write_comment(&mut body, &scene, comment);
    }
    page(&format!("{name} {}", issue.title), &body)
}

fn write_attachment(body: &mut String, attachment: &Attachment) {
    let (title, url) = (Escaped(&attachment.title), Escaped(&attachment.url));
    let _ = match is_web(&attachment.url) {
        true => write!(body, "<p>Link: <a rel=\"noreferrer noopener\" href=\"{url}\">{title}</a></p>"),
        false => write!(body, "<p>Link: {title} ({url})</p>"),
    };
}

fn write_comment(body: &mut String, scene: &Scene<'_>, comment: &Comment) {
    let author = scene.user(&comment.user).map_or("somebody", |user| user.name.as_str());
    let time = format!("{:.0}", comment.created_at);
    let _ = write!(
        body,
        "<h2>{} on {}</h2><pre>{}</pre>",
        Escaped(author),
        Escaped(&time),
        Escaped(&comment.body)
    );
}

/// The state of an issue, and whether it is out of sight.
fn standing(scene: &Scene<'_>, issue: &Issue) -> String {
    let state = &scene.world.state(&issue.state).name;
    match issue.presence {
        Presence::Active => state.clone(),
        Presence::Archived(_) => format!("{state}, archived"),
        Presence::Trashed(_) => format!("{state}, in the trash"),
    }
}

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{}</title><style>{STYLE}</style>{body}",
        Escaped(title)
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn missing() -> Response {
    let mut response =
        page("Not found", "<h1>There is no such issue.</h1><p><a href=\"/\">All issues</a></p>");
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem \
auto;padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1rem}td{padding:.2rem 1rem .2rem 0;vertical-align:top}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8884;border-radius:6px;padding:1rem}";

/// Text in HTML, in content and in quoted attributes. Characters that would reorder or hide text are left out.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ if is_hidden(letter) => {}
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}
