//! Which language's habits a name follows.

use serde::{Deserialize, Serialize};

/// A family of compilers and runtimes that name frames alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Rust.
    Rust,
    /// JavaScript and TypeScript, in browsers and servers.
    JavaScript,
    /// Python.
    Python,
    /// Java, Kotlin, Scala, Groovy.
    Jvm,
    /// Go.
    Go,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// C# and the other languages of .NET.
    DotNet,
    /// C, C++, Objective-C, Swift.
    Native,
    /// Any other.
    Other,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Rust,
        Self::JavaScript,
        Self::Python,
        Self::Jvm,
        Self::Go,
        Self::Ruby,
        Self::Php,
        Self::DotNet,
        Self::Native,
        Self::Other,
    ];

    /// The platform that an event's `platform` field names. Sentry says `native` for Rust as well; a frame whose names
    /// look like Rust's is then treated as Rust by [`super::frame::normal`].
    pub fn of(field: &str) -> Self {
        match field.trim().to_ascii_lowercase().as_str() {
            "rust" => Self::Rust,
            "javascript" | "node" | "typescript" => Self::JavaScript,
            "python" => Self::Python,
            "java" | "kotlin" | "scala" | "groovy" => Self::Jvm,
            "go" => Self::Go,
            "ruby" => Self::Ruby,
            "php" => Self::Php,
            "csharp" | "dotnet" => Self::DotNet,
            "native" | "c" | "cpp" | "cocoa" | "objc" | "swift" => Self::Native,
            _ => Self::Other,
        }
    }
}
