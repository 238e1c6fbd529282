//! What makes git start nothing but itself.

/// Settings that every call overrides, whatever the repository says.
pub const ALWAYS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.editor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.quotePath=false",
    "sequence.editor=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "log.showSignature=false",
    "credential.helper=",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "color.ui=false",
    "blame.ignoreRevsFile=",
    "log.mailmap=false",
    "diff.renames=true",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
];

/// Variables of the caller's environment that git needs. Nothing else is passed on, `GIT_*` least of all.
pub const PASSED_ON: &[&str] = &["PATH", "TMPDIR", "SystemRoot"];

/// Variables that every call sets.
pub const SET: &[(&str, &str)] = &[
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "false"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", "false"),
    ("SSH_ASKPASS", "false"),
    ("GIT_ALLOW_PROTOCOL", "file"),
    ("HOME", "/nonexistent"),
    ("LC_ALL", "C"),
    ("TZ", "UTC"),
];

/// Options that keep a subcommand from starting what attributes and configuration name.
pub fn guards(subcommand: &str) -> &'static [&'static str] {
    match subcommand {
        "diff" | "diff-tree" | "diff-index" | "diff-files" | "log" | "show" => {
            &["--no-ext-diff", "--no-textconv"]
        }
        "blame" | "annotate" => &["--no-textconv"],
        _ => &[],
    }
}

/// For a setting of the repository that names a program, the settings that make it harmless.
pub fn disarm(key: &str) -> Vec<String> {
    let lower = key.to_ascii_lowercase();
    let Some((section, rest)) = lower.split_once('.') else { return Vec::new() };
    let last = rest.rsplit_once('.').map_or(rest, |(_, last)| last);
    // The middle of a key keeps its case, so the key is overridden as the repository spells it.
    let stem = &key[..key.len() - last.len()];
    let empty = || vec![format!("{key}=")];
    match (section, last) {
        // Without `required=false` a file would be refused because its filter does nothing.
        ("filter", "clean" | "smudge" | "process") => {
            vec![format!("{key}="), format!("{stem}required=false")]
        }
        // A driver that is `false` declares a conflict, which is the safe answer.
        ("merge", "driver") | ("mergetool" | "difftool" | "browser" | "man" | "guitool", "cmd" | "path") => {
            vec![format!("{key}=false")]
        }
        ("credential", "helper") | ("trailer", "cmd" | "command") | ("interactive", "difffilter") => empty(),
        ("diff", "command" | "textconv" | "external") => vec![format!("{key}=false")],
        ("submodule", "update") => vec![format!("{key}=none")],
        ("gpg", "program" | "defaultkeycommand") | ("tar", "command") => vec![format!("{key}=false")],
        ("core", "sshcommand" | "askpass" | "gitproxy" | "alternaterefscommand") => {
            vec![format!("{key}=false")]
        }
        ("remote", "uploadpack" | "receivepack") => vec![format!("{key}=false")],
        ("pager", _) => vec![format!("{key}=false")],
        _ => Vec::new(),
    }
}
