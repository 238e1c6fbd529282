//! Every setting with its default and meaning: the page `docs/configuration.md`.

mod incident;

use incident::INCIDENT;
use std::fmt::Write;

/// A setting.
struct Setting {
    section: &'static str,
    key: &'static str,
    /// As it is written in the file; `—` where there is none.
    default: &'static str,
    meaning: &'static str,
}

const fn setting(
    section: &'static str,
    key: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { section, key, default, meaning }
}

/// Every setting, in the order of the page.
fn settings() -> impl Iterator<Item = &'static Setting> {
    BEFORE.iter().chain(INCIDENT).chain(AFTER)
}

const BEFORE: &[Setting] = &[
    setting(
        "sentry",
        "url",
        "\"https://sentry.io\"",
        "Sentry's address, self-hosted ones too; http only on this machine. `SENTRY_URL` wins over it.",
    ),
    setting("sentry", "org", "—", "Organization slug. `SENTRY_ORG` and `--org` win over it."),
    setting("sentry", "projects", "[]", "Project slugs; empty: all that the token sees."),
    setting(
        "sentry",
        "environments",
        "[\"production\"]",
        "Environments to look at, compared without case with those that the organization has; `production` stands for `prod`, `prd` and `live` as well, an empty list for all.",
    ),
    setting(
        "sentry",
        "link_app",
        "—",
        "The installed app whose slot for links is used: its slug, or the id of its installation. Without it, an app called `orderly` (or `orderly-…`).",
    ),
    setting("tracker", "kind", "\"linear\"", "Which tracker."),
    setting(
        "tracker",
        "url",
        "\"https://api.linear.app/graphql\"",
        "GraphQL address. `LINEAR_API_URL` wins over it.",
    ),
    setting("tracker", "team", "—", "Key of the team that items go to. `--team` wins over it."),
    setting(
        "mcp",
        "approval",
        "\"person\"",
        "Who approves a write that an agent asks for, beside the digest of a preview: a `person`, whom the agent's client asks, or nobody else (`digest`).",
    ),
    setting("sync", "window", "\"24h\"", "How far back a signal looks."),
    setting("sync", "pool", "20", "How many issues are looked at closer: 1 to 100."),
    setting(
        "sync",
        "max_creates",
        "3",
        "How many creations and updates a run may attempt: 0 to 20. Attempts with unknown outcome count.",
    ),
    setting(
        "sync",
        "signals",
        "[\"is:regressed\", \"is:escalating\", \"issue.priority:high\", \"is:unresolved is:for_review\"]",
        "Which searches make an issue a candidate.",
    ),
    setting(
        "sync",
        "environments",
        "as `sentry.environments`",
        "The same setting, for those who look for it here; `sentry.environments` wins.",
    ),
    setting("sync", "mode", "\"create-or-link\"", "`create-or-link`, `link-only` or `prepare-only`."),
    setting(
        "sync",
        "link_back",
        "\"best-effort\"",
        "`best-effort`, `off`, or `required` (nothing is created where no link back can be written).",
    ),
    setting(
        "sync",
        "empty_run",
        "\"no-create\"",
        "What happens when nothing qualified: no ticket. There is no other answer.",
    ),
    setting(
        "sync",
        "cooldown",
        "\"24h\"",
        "An issue whose evidence did not change is not reported again for this long.",
    ),
    setting(
        "sync",
        "update_stale",
        "\"never\"",
        "`never`, or a span: a linked item that nobody touched for this long gets one comment with the new evidence. Counts towards `max_creates`.",
    ),
    setting(
        "sync",
        "regression",
        "\"comment\"",
        "When an issue comes back after its item was completed: `comment`, `reopen` or `new-and-relate`.",
    ),
    setting(
        "sync",
        "match",
        "\"signatures\"",
        "What keeps an issue from being created: `signatures` (also likely duplicates), or `hard-keys` (external link, short id and permalink only).",
    ),
    setting("sync", "plan_max_age", "\"24h\"", "A saved plan older than this is stale."),
    setting(
        "sync",
        "labels",
        "[]",
        "Labels of new items, by name; one that the tracker lacks is left out and named.",
    ),
    setting("sync", "redact", "[]", "Regular expressions; what they match never leaves."),
    setting(
        "sync.noise_floor",
        "events",
        "2",
        "Fewer events in the window are noise (regressed and escalating issues never are).",
    ),
    setting("sync.noise_floor", "users", "0", "Fewer users in the window are noise."),
    setting(
        "sync.noise_floor",
        "level",
        "\"error\"",
        "Lower levels are noise: `debug`, `info`, `warning`, `error`, `fatal`.",
    ),
    setting(
        "sync.priority",
        "regressed",
        "\"high\"",
        "Tracker priority by strongest signal: `urgent`, `high`, `medium`, `low`, `none`.",
    ),
    setting("sync.priority", "escalating", "\"high\"", "As above."),
    setting("sync.priority", "high_priority", "\"medium\"", "As above."),
    setting("sync.priority", "for_review", "\"medium\"", "As above."),
    setting(
        "sync.assignees",
        "(any)",
        "{}",
        "Owner (e-mail, user name or `#team`) to the e-mail of the tracker's assignee.",
    ),
    setting("sync.project_teams", "(any)", "{}", "Project slug to the key of another team."),
    setting("sync.project_labels", "(any)", "{}", "Project slug to further labels."),
    setting("triage", "stats_period", "\"14d\"", "How far back counts go."),
    setting(
        "triage",
        "environments",
        "[]",
        "Environments to look at, compared as `sentry.environments` are; empty: all, which the rule `not-production` needs.",
    ),
    setting(
        "triage",
        "sort",
        "\"freq\"",
        "What Sentry lists first: `freq`, `date`, `new`, `user` or `trends`.",
    ),
    setting("triage", "limit", "100", "Issues a request: 1 to 100. Further pages are followed."),
    setting(
        "triage",
        "most",
        "1000",
        "Unresolved issues that are read at most; that there are more is said.",
    ),
    setting(
        "triage",
        "closer",
        "100",
        "Issues that are looked at closer (latest event and tags) at most, the weightiest first.",
    ),
    setting(
        "triage",
        "off",
        "[]",
        "Noise rules that are not asked: `fixed-on-head`, `gone-in-newer-release`, `level`, `stale`, `fluke`, `not-production`, `browser-extension`, `third-party-script`, `opaque-script`, `bot`, `cancelled`, `client-network`, `out-of-memory`, `hardware`, `one-installation`.",
    ),
    setting(
        "triage",
        "level",
        "\"error\"",
        "The least level that is no noise; `--include-warn` makes it `warning`.",
    ),
    setting("triage", "stale_after", "\"7d\"", "An issue that was not seen for so long is stale."),
    setting("triage", "fluke", "\"3d\"", "An issue with one event that was not seen for so long is a fluke."),
    setting(
        "triage",
        "guard_events",
        "1000",
        "From so many events in the period on an issue is never noise.",
    ),
    setting("triage", "guard_users", "50", "From so many users in the period on an issue is never noise."),
    setting(
        "triage",
        "dev_environments",
        "[\"dev\", \"development\", \"local\", \"localhost\", \"test\", \"testing\", \"tests\", \"ci\", \"e2e\"]",
        "Environments of developers and tests.",
    ),
    setting("triage", "third_party", "[]", "Further hosts of third-party scripts: `widgets.example.com`."),
    setting(
        "triage",
        "installation_tags",
        "[\"installation\", \"installation_id\", \"install_id\", \"device.id\", \"device_id\"]",
        "Tags that name an installation or device.",
    ),
    setting("triage.weights", "users", "30", "Points of a score at 10,000 users."),
    setting("triage.weights", "events", "20", "Points at 100,000 events."),
    setting(
        "triage.weights",
        "trend",
        "15",
        "Points when the last three days have eight times as many events a day as before.",
    ),
    setting("triage.weights", "level", "10", "Points of level fatal; error has three fifths."),
    setting("triage.weights", "new", "15", "Points of an issue that is new in the current release."),
    setting("triage.weights", "back", "10", "Points of an issue that was resolved and is back."),
    setting(
        "triage.do_not_fix",
        "(any)",
        "{}",
        "Short id or number of an issue to the reason why only a person works on it: it is listed and cannot be chosen.",
    ),
    setting(
        "fix",
        "agent",
        "\"editor\"",
        "Who makes changes: a name below `fix.agents`, or `editor`, a person in `$VISUAL` or `$EDITOR`. Where one agent is configured, that one. `--agent` wins over it.",
    ),
    setting(
        "fix",
        "agents",
        "{}",
        "Tables `[fix.agents.NAME]`: `command` (a text that is cut at blanks, or a list; `{case}` stands for the path of the case file, which otherwise comes on the standard input), `kind` (`\"command\"`, or `\"acp\"`: the command speaks the Agent Client Protocol and gets the case file as its prompt), `network` (`\"none\"`, or `\"shared\"`), `environment` (names of variables that are passed on), `readable` (paths that it may read beside its worktree).",
    ),
    setting(
        "fix",
        "checks",
        "[]",
        "Commands that judge a change, each a text that is cut at blanks, or a list. Empty: those that the repository's files tell (`cargo check`, `cargo test`, `npx tsc --noEmit`, `pytest` …).",
    ),
    setting("fix", "tries", "3", "Attempts of an agent on one issue: 1 to 20."),
    setting("fix", "time", "\"15m\"", "Time of one attempt."),
    setting("fix", "check_time", "\"15m\"", "Time of one check."),
    setting(
        "fix",
        "output",
        "1048576",
        "Bytes that an agent or a check may print; of an agent of the kind `acp`, what it says and writes into files.",
    ),
    setting("fix", "files", "6", "Files that a change may touch."),
    setting("fix", "lines", "200", "Lines that a change may add and remove together."),
    setting(
        "fix",
        "protected",
        "[]",
        "Patterns of paths where nobody but a person changes anything, beside those that always are: authentication, payments, database schema, secrets, CI, how checks run, settings of git and agents.",
    ),
    setting(
        "fix",
        "branches",
        "[\"main\", \"master\", \"trunk\", \"develop\"]",
        "Branches on which a commit counts: only then is its issue resolved.",
    ),
    setting(
        "fix",
        "land",
        "\"fast-forward\"",
        "`fast-forward` moves the checked-out branch forward to a commit, if it is one of `branches` and has not moved since; `branch` leaves it on a branch of its own.",
    ),
    setting(
        "fix",
        "resolve_in",
        "\"next-release\"",
        "`next-release`, or the version in which issues are resolved.",
    ),
    setting(
        "fix",
        "subject",
        "\"fix(sentry): {short_id} — {title}\"",
        "Subject of commits; `{short_id}` must be in it.",
    ),
    setting("fix", "rules", "[]", "Rules of the repository, told to whoever makes the change."),
    setting(
        "fix",
        "sandbox",
        "\"ask\"",
        "`ask` (bubblewrap where it is there, else a person is asked), `required`, or `off`.",
    ),
    setting(
        "fix",
        "readable",
        "[]",
        "Paths that agents and checks may read beside their worktree (`node_modules`), relative to the file.",
    ),
    setting(
        "fix",
        "active_runs",
        "as `.orderly/active-runs.md`",
        "The page on which runs declare the paths that they work on; `.claude/active-runs.md` where that is there.",
    ),
];

const AFTER: &[Setting] = &[
    setting(
        "source",
        "code_mappings",
        "[]",
        "Beginnings of paths in stack traces and the folders of the repository that they stand for: `{ stack_root = \"/srv/app/\", source_root = \"services/api/\" }`.",
    ),
    setting(
        "source",
        "maps",
        "[\"dist\", \"build\", \"out\", \"public\", \".next\"]",
        "Where source maps are, relative to orderly.toml: folders, maps, and artifact bundles (zip files, as `sentry-cli sourcemaps upload` packs them).",
    ),
    setting(
        "ledger",
        "path",
        "\".orderly/ledger.db\"",
        "SQLite file of the ledger, relative to orderly.toml.",
    ),
    setting(
        "ledger",
        "database",
        "—",
        "PostgreSQL address instead, for teams with several runners. Without a password: `PGPASSWORD` or `ORDERLY_DATABASE_URL` hold it.",
    ),
];

/// The page.
pub fn page() -> String {
    let mut page = String::from(
        "# Configuration\n\nOne `orderly.toml`, found upwards from where you stand, plus the environment. Only a scope must be written; \
         everything else has the default below.\n\n```toml\n[sentry]\norg = \"acme\"\n\n[tracker]\nteam = \"PLAT\"\n```\n\n\
         Spans are a whole number and `s`, `m`, `h`, `d` or `w`. A flag wins over the environment, the environment over the file.\n",
    );
    let mut section = "";
    for setting in settings() {
        if setting.section != section {
            section = setting.section;
            writeln!(page, "\n## [{section}]\n\n| Setting | Default | Meaning |\n|---|---|---|").unwrap();
        }
        writeln!(page, "| `{}` | `{}` | {} |", setting.key, setting.default, setting.meaning).unwrap();
    }
    page.push_str(
        "\n## Credentials\n\nNever an argument, never in this file. Looked for in this order: the environment variable, the file that \
         `…_FILE` names, `.env` beside orderly.toml, the system keyring (service `orderly`, through `secret-tool` or `security`).\n\n\
         | Credential | Variables |\n|---|---|\n\
         | Sentry auth token | `SENTRY_AUTH_TOKEN`, `SENTRY_AUTH` |\n\
         | Linear API key or OAuth token | `LINEAR_API_KEY` |\n\
         | Ledger in PostgreSQL | `ORDERLY_DATABASE_URL`, `PGPASSWORD` |\n\
         | Chat channels of incidents | the variables that `[[incident.channel]]` names |\n",
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use orderly_core::sync::policy::SyncPolicy;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The names a section knows, read from the error of a name that it does not know.
    fn known(section: &str) -> BTreeSet<String> {
        let text = format!("[{section}]\nzzzzzz = 1\n");
        let error = toml::from_str::<crate::config::file::File>(&text).unwrap_err();
        error.message().split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_setting_is_on_the_page() {
        for section in [
            "sentry",
            "tracker",
            "sync",
            "sync.noise_floor",
            "sync.priority",
            "triage",
            "triage.weights",
            "fix",
            "incident",
            "incident.sev1",
            "incident.sev2",
            "incident.sev3",
            "incident.sev4",
            "[incident.channel]",
            "[incident.mitigation]",
            "source",
            "ledger",
        ] {
            let subsections = [
                "noise_floor",
                "priority",
                "assignees",
                "project_teams",
                "project_labels",
                "weights",
                "do_not_fix",
                "sev1",
                "sev2",
                "sev3",
                "sev4",
                "channel",
                "mitigation",
            ];
            let on_page: BTreeSet<String> =
                settings().filter(|s| s.section == section).map(|s| s.key.to_owned()).collect();
            let known: BTreeSet<String> = known(section)
                .into_iter()
                .filter(|key| {
                    !matches!(section, "sync" | "triage" | "incident") || !subsections.contains(&key.as_str())
                })
                .collect();
            assert_eq!(on_page, known, "[{section}]");
        }
    }

    #[test]
    fn the_defaults_on_the_page_are_the_defaults() {
        let mut text = String::new();
        let mut section = "";
        for s in settings().filter(|s| !matches!(s.default, "—" | "{}") && !s.default.starts_with("as ")) {
            if s.section != section {
                section = s.section;
                text.push_str(&format!("[{section}]\n"));
            }
            text.push_str(&format!("{} = {}\n", s.key, s.default));
        }
        let written = crate::config::Settings::resolve(
            parse(&text, Path::new("page")).unwrap(),
            &crate::config::Overrides::default(),
            Path::new("."),
        )
        .unwrap();
        let silent = crate::config::Settings::resolve(
            Default::default(),
            &crate::config::Overrides::default(),
            Path::new("."),
        )
        .unwrap();
        assert_eq!(written.policy, SyncPolicy::default());
        assert_eq!(format!("{written:?}"), format!("{silent:?}"));
    }
}
