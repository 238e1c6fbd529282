use super::*;
use orderly_core::sync::snapshot::Signal;

fn load(text: &str) -> Result<Settings, Failure> {
    Settings::resolve(parse(text, Path::new("orderly.toml"))?, &Overrides::default(), Path::new("/project"))
}

#[test]
fn the_smallest_file_gets_every_default() {
    let settings = load("[sentry]\norg = \"acme\"\n[tracker]\nteam = \"PLAT\"\n").unwrap();
    assert_eq!(settings.site().unwrap().base_url, "https://sentry.io");
    assert_eq!(settings.tracker_url.as_str(), "https://api.linear.app/graphql");
    assert_eq!(settings.policy, orderly_core::sync::policy::SyncPolicy::default());
    assert_eq!(settings.environments, ["production"]);
    assert_eq!(settings.ledger, LedgerPlace::File("/project/.orderly/ledger.db".into()));
}

#[test]
fn flags_win_over_the_file() {
    let file =
        parse("[sentry]\norg = \"acme\"\nprojects = [\"api\"]\n[sync]\npool = 5\n", Path::new("x")).unwrap();
    let over = Overrides {
        org: Some("other".into()),
        projects: vec!["web".into()],
        pool: Some(7),
        ..Overrides::default()
    };
    let settings = Settings::resolve(file, &over, Path::new(".")).unwrap();
    assert_eq!(settings.org.unwrap().as_str(), "other");
    assert_eq!(settings.projects[0].as_str(), "web");
    assert_eq!(settings.policy.pool.get(), 7);
}

#[test]
fn a_team_is_the_same_in_any_case_because_derived_ids_depend_on_it() {
    let settings = load("[tracker]\nteam = \"plat\"\n[sync.project_teams]\nweb = \"Web\"\n").unwrap();
    assert_eq!(settings.team().unwrap().as_str(), "PLAT");
    assert!(settings.policy.project_teams.values().all(|team| team.as_str() == "WEB"));
}

#[test]
fn a_wrong_value_is_named_with_what_is_allowed() {
    let table = [
        (
            "[sync]\nmax_create = 3\n",
            "orderly.toml:2: there is no setting or value `max_create`",
            "max_creates",
        ),
        (
            "[sync]\nmode = \"create-or-lnk\"\n",
            "orderly.toml:2: there is no setting or value `create-or-lnk`",
            "create-or-link",
        ),
        ("[synk]\n", "there is no setting or value `synk`", "sync"),
        ("[sync]\nsignals = [\"is:regresed\"]\n", "the unknown signal `is:regresed`", "is:regressed"),
        ("[sync]\nmax_creates = 21\n", "`sync.max_creates` is 21; it must lie between 0 and 20", ""),
        ("[sync]\npool = 0\n", "between 1 and 100", ""),
        ("[sync]\nwindow = \"24\"\n", "`24` is not a span of time", ""),
        ("[sync]\nredact = [\"(\"]\n", "is not a regular expression", ""),
        ("[sentry]\nurl = \"http://sentry.example\"\n", "http is only for this machine", "https"),
        ("[sentry]\nurl = \"https://user:pw@sentry.example\"\n", "it holds credentials", ".env"),
        ("[sentry\n", "orderly.toml:", ""),
    ];
    for (text, message, hint) in table {
        let failure = load(text).unwrap_err();
        assert_eq!(failure.kind, Kind::Usage);
        let shown = failure.to_string();
        assert!(shown.contains(message), "{text} -> {shown}");
        assert!(shown.contains(hint), "{text} -> {shown}");
    }
}

#[test]
fn every_signal_can_be_named_by_its_query() {
    let names: Vec<String> = Signal::ALL.iter().map(|s| format!("{:?}", s.query())).collect();
    let settings = load(&format!("[sync]\nsignals = [{}]\n", names.join(","))).unwrap();
    assert_eq!(settings.policy.signals, Signal::ALL);
}

#[test]
fn the_example_is_a_configuration() {
    let settings = load(include_str!("../../../../examples/orderly.toml")).unwrap();
    assert_eq!(settings.policy.redact.len(), 2);
    assert_eq!(settings.policy.noise_floor.events, 5);
}
