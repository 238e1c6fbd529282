//! Events as SDKs write them.

use super::Seed;
use serde_json::{Value, json};

/// A way in which a service fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Slug of the project it is sent to.
    pub project: &'static str,
    /// What the service is written in.
    pub language: Language,
    /// Exception type.
    pub kind: &'static str,
    /// Exception message; `{n}` becomes a number that differs from event to event.
    pub message: &'static str,
    /// Level.
    pub level: &'static str,
    /// Transaction.
    pub transaction: &'static str,
    /// Own frames, outermost first: file, function, line, source line.
    pub frames: &'static [(&'static str, &'static str, u32, &'static str)],
}

/// What a service is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python
    Python,
    /// JavaScript in a browser
    Browser,
    /// Go
    Go,
    /// Java
    Java,
}

impl Language {
    pub(super) const fn platform(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Browser => "javascript",
            Self::Go => "go",
            Self::Java => "java",
        }
    }

    const fn sdk(self) -> (&'static str, &'static str) {
        match self {
            Self::Python => ("sentry.python.fastapi", "2.75.0"),
            Self::Browser => ("sentry.javascript.browser", "10.78.0"),
            Self::Go => ("sentry.go", "0.46.0"),
            Self::Java => ("sentry.java.spring-boot", "8.31.0"),
        }
    }

    /// A frame below the own ones: a framework's.
    const fn library(self) -> (&'static str, &'static str) {
        match self {
            Self::Python => ("starlette/routing.py", "app"),
            Self::Browser => ("node_modules/react-dom/client.js", "callCallback"),
            Self::Go => ("net/http/server.go", "HandlerFunc.ServeHTTP"),
            Self::Java => ("org/springframework/web/servlet/FrameworkServlet.java", "service"),
        }
    }
}

/// Where and by whom a crash happened.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Seconds since 1970.
    pub at: f64,
    /// Release.
    pub release: &'a str,
    /// Environment.
    pub environment: &'a str,
    /// Number of the user.
    pub user: u64,
}

impl Crash {
    /// The event of one crash, with the id that it is sent under.
    pub(super) fn event(&self, seed: &mut Seed, scene: Scene<'_>) -> (String, Value) {
        let id = seed.event_id();
        let message = self.message.replace("{n}", &(10_000 + seed.below(90_000)).to_string());
        let (sdk, version) = self.language.sdk();
        let event = json!({
            "event_id": id,
            "timestamp": scene.at,
            "platform": self.language.platform(),
            "level": self.level,
            "release": scene.release,
            "environment": scene.environment,
            "transaction": self.transaction,
            "server_name": format!("{}-{}", self.project, seed.below(3)),
            "user": {"id": scene.user.to_string(), "email": format!("user{}@customer.example", scene.user)},
            "tags": {"region": if scene.user.is_multiple_of(3) { "us" } else { "eu" }},
            "sdk": {"name": sdk, "version": version},
            "exception": {"values": [{
                "type": self.kind,
                "value": message,
                "mechanism": {"type": "generic", "handled": false},
                "stacktrace": {"frames": self.frames()},
            }]},
        });
        (id, event)
    }

    fn frames(&self) -> Vec<Value> {
        let (file, function) = self.language.library();
        let library =
            json!({"filename": file, "module": null, "function": function, "lineno": 120, "in_app": false});
        let own = self.frames.iter().map(|(file, function, line, source)| {
            json!({
                "filename": file,
                "abs_path": format!("/srv/{}/{file}", self.project),
                "module": module(self.language, file),
                "function": function,
                "lineno": line,
                "context_line": source,
                "in_app": true,
            })
        });
        std::iter::once(library).chain(own).collect()
    }
}

fn module(language: Language, file: &str) -> Option<String> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    match language {
        Language::Python | Language::Java => Some(stem.replace('/', ".")),
        Language::Go => stem.rsplit_once('/').map(|(package, _)| package.to_owned()),
        Language::Browser => None,
    }
}
