//! People are told once in each place, and what others recorded is imported once.

use crate::chat_server::{BOT, CHANNEL, ChatServer, Fault, KEY, SECRET};
use crate::world::{Burst, Ran, World, run};
use orderly_local::knobs::{Effect, Fault as WireFault, Match};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::process::Command;

/// An incident over one issue, with a channel of each kind.
struct Told {
    world: World,
    slack: ChatServer,
    discord: ChatServer,
    teams: ChatServer,
    hook: ChatServer,
    security: ChatServer,
}

impl Told {
    fn begin() -> Self {
        let world = World::start();
        let server = || world.runtime().block_on(ChatServer::start());
        let (slack, discord, teams, hook, security) = (server(), server(), server(), server(), server());
        let channels = format!(
            "{}\n[[incident.channel]]\nname = \"ops\"\nkind = \"slack\"\nchannel = \"{CHANNEL}\"\nurl = \"{}\"\ntoken_variable = \"OPS_TOKEN\"\n\n\
             [[incident.channel]]\nname = \"chat\"\nkind = \"discord\"\naddress_variable = \"CHAT_URL\"\n\n\
             [[incident.channel]]\nname = \"board\"\nkind = \"teams\"\naddress_variable = \"BOARD_URL\"\n\n\
             [[incident.channel]]\nname = \"status-page\"\nkind = \"webhook\"\naddress_variable = \"STATUS_URL\"\nkey_variable = \"STATUS_KEY\"\n\n\
             [[incident.channel]]\nname = \"security\"\nkind = \"slack\"\naudience = \"restricted\"\nchannel = \"{CHANNEL}\"\nurl = \"{}\"\ntoken_variable = \"OPS_TOKEN\"\n",
            world.config(),
            slack.url(""),
            security.url("")
        );
        world.write("orderly.toml", &channels);
        world.send(Burst { events: 3, ..Burst::default() });
        let told = Self { world, slack, discord, teams, hook, security };
        told.incident(&["declare", "BACKEND-1"]).exits(0);
        told
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        command
            .env("ORDERLY_AS", "owner@localhost")
            .env("OPS_TOKEN", BOT)
            .env("CHAT_URL", self.discord.url(&format!("/api/webhooks/1/{SECRET}?thread_id=7")))
            .env("BOARD_URL", self.teams.url(&format!("/workflows/invoke?sig={SECRET}")))
            .env("STATUS_URL", self.hook.url(&format!("/hook/{SECRET}")))
            .env("STATUS_KEY", KEY);
        command
    }

    fn incident(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["incident"];
        all.extend(arguments);
        let ran = run(self.command(&all));
        for secret in [BOT, SECRET, KEY] {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{ran:?}");
        }
        ran
    }

    /// Shows what would be told, then tells exactly that.
    fn tell(&self) -> Ran {
        let digest = self.incident(&["tell", "INC-1", "--json"]).exits(0).json()["digest"].clone();
        self.incident(&["tell", "INC-1", "--json", "--approve", digest.as_str().unwrap()])
    }

    fn comments(&self, issue: &str) -> Vec<(String, String)> {
        let notes = self.world.sentry(Method::GET, &format!("issues/{issue}/notes/"), None);
        let note = |note: &Value| {
            (note["id"].as_str().unwrap().to_owned(), note["data"]["text"].as_str().unwrap().to_owned())
        };
        notes.as_array().unwrap().iter().map(note).collect()
    }

    /// Messages in Slack, Discord, Teams, the webhook and the restricted channel.
    fn messages(&self) -> [usize; 5] {
        [&self.slack, &self.discord, &self.teams, &self.hook, &self.security].map(|at| at.messages().len())
    }
}

fn failed(ran: &Ran) -> Vec<String> {
    let all = ran.json()["reached"].as_array().unwrap().clone();
    let failed = all.iter().filter(|reached| reached["message"].is_null());
    failed.map(|reached| reached["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn people_are_told_in_one_comment_and_one_message_that_are_edited() {
    let told = Told::begin();
    let preview = told.incident(&["tell", "INC-1"]).exits(0);
    for words in ["on BACKEND-1: a new comment", "in ops: a new message", "in status-page: version 1"] {
        assert!(preview.stdout.contains(words), "{words} in {}", preview.stdout);
    }
    assert!(preview.stderr.contains("orderly incident tell INC-1 --approve "), "{}", preview.stderr);
    assert_eq!((told.messages(), told.comments("BACKEND-1").len()), ([0; 5], 0), "a preview tells nobody");
    told.incident(&["tell", "INC-1", "--approve", "0123456789ab"]).exits(4);

    assert_eq!(failed(&told.tell().exits(0)), Vec::<String>::new());
    assert_eq!((told.messages(), told.comments("BACKEND-1").len()), ([1; 5], 1));
    let shown = told.incident(&["show", "INC-1", "--json"]).exits(0).json()["incident"].clone();
    let duties = shown["duties"].as_array().unwrap();
    assert!(duties.iter().any(|duty| duty["task"] == "notice" && duty["standing"] == "done"), "{shown:#}");
    assert_eq!(shown["told"].as_array().unwrap().len(), 6, "{shown:#}");

    told.incident(&["mitigate", "INC-1", "rolled back to 0.9 <!channel> @everyone"]).exits(0);
    told.tell().exits(0);
    assert_eq!(told.messages(), [1, 1, 2, 1, 1], "Teams cannot edit");
    let comments = told.comments("BACKEND-1");
    assert_eq!(comments.len(), 1);
    for text in [
        comments[0].1.clone(),
        told.slack.messages()[0].body["blocks"].to_string(),
        told.discord.messages()[0].body["content"].to_string(),
        told.hook.messages()[0].body["text"].to_string(),
    ] {
        assert!(text.contains("rolled back to 0.9"), "{text}");
    }
    assert!(comments[0].1.contains("\\@everyone"), "{}", comments[0].1);
    assert_eq!(told.hook.messages()[0].body["version"], 2);

    // Somebody deletes the comment: it is written anew, once.
    told.world.sentry(Method::DELETE, &format!("issues/BACKEND-1/notes/{}/", comments[0].0), None);
    for number in 0..2 {
        told.incident(&["mitigate", "INC-1", &format!("step {number}")]).exits(0);
        told.tell().exits(0);
    }
    let anew = told.comments("BACKEND-1");
    assert!(anew.len() == 1 && anew[0].0 != comments[0].0, "{anew:#?}");

    // What Orderly wrote there is not imported as somebody's comment.
    let imported = told.incident(&["import", "INC-1", "--json"]);
    let texts = imported.exits(0).json()["imported"].to_string();
    assert!(!texts.contains("Update of Orderly"), "{texts}");
}

#[test]
fn a_lost_reply_and_a_channel_that_fails_neither_repeat_nor_hold_up_anything() {
    let told = Told::begin();
    let knobs = told.world.servers().sentry_knobs();
    let id = told.world.issues("is:unresolved")[0]["id"].as_str().unwrap().to_owned();
    let notes =
        format!("/api/0/organizations/{}/issues/{id}/notes/", told.world.servers().ready().sentry.org);

    // Sentry does it and its reply is lost; nobody can look either. Slack refuses, Discord is cut off after it was told.
    knobs.inject(WireFault::new(Match::request(Method::POST, &notes), Effect::DropReply));
    let down = || Effect::answer(StatusCode::BAD_GATEWAY, "text/plain", "down");
    knobs.inject(WireFault::new(Match::request(Method::GET, &notes), down()).times(3));
    told.slack.next(Fault::Status(503, ""));
    told.discord.next(Fault::CutAfter);
    let first = told.tell().exits(1);
    let open = failed(&first).join("\n");
    for words in [
        "nobody knows whether people were told on BACKEND-1",
        "people could not be told in ops",
        "nobody knows whether people were told in chat",
    ] {
        assert!(open.contains(words), "{words} in {open}");
    }
    let shown = told.incident(&["show", "INC-1"]).exits(0).stdout;
    assert!(shown.contains("told in ops:") && shown.contains("HTTP 503"), "{shown}");

    let second = told.tell().exits(0);
    assert_eq!(failed(&second), Vec::<String>::new());
    assert_eq!((told.messages(), told.comments("BACKEND-1").len()), ([1, 1, 1, 1, 1], 1));
    let page = told.incident(&["timeline", "INC-1"]).exits(0).stdout;
    assert!(page.contains("people could not be told in ops: POST /api/chat.postMessage"), "{page}");

    // A variable that is missing is that channel's failure, and doctor names it.
    told.incident(&["mitigate", "INC-1", "rolled back"]).exits(0);
    let digest = told.incident(&["tell", "INC-1", "--json"]).exits(0).json()["digest"].clone();
    let arguments = ["incident", "tell", "INC-1", "--json", "--approve", digest.as_str().unwrap()];
    let mut command = told.command(&arguments);
    command.env_remove("BOARD_URL");
    let lacks = run(command).exits(1);
    assert_eq!(
        failed(&lacks),
        ["people could not be told in board: BOARD_URL is not set, in the environment or in .env"]
    );
    let mut doctor = told.command(&["doctor"]);
    doctor.env_remove("BOARD_URL");
    let doctor = run(doctor).exits(0).stdout;
    assert!(doctor.contains("board (teams): BOARD_URL is not set"), "{doctor}");
    assert!(doctor.contains("ops (slack): OPS_TOKEN from environment variable OPS_TOKEN"), "{doctor}");
}

#[test]
fn a_restricted_incident_is_told_in_restricted_channels_alone() {
    let told = Told::begin();
    told.incident(&["restrict", "INC-1", "an attack"]).exits(0);
    told.tell().exits(0);
    assert_eq!((told.messages(), told.comments("BACKEND-1").len()), ([0, 0, 0, 0, 1], 0));
    let preview = told.incident(&["tell", "INC-1"]).exits(0).stdout;
    assert!(preview.contains("in ops: not told: the incident is restricted"), "{preview}");
}

#[test]
fn a_file_that_holds_an_address_or_a_channel_by_name_is_refused_without_repeating_it() {
    let world = World::start();
    let config = world.config();
    for (channel, words) in [
        (
            "name = \"chat\"\nkind = \"discord\"\naddress_variable = \"https://discord.example/canary-1\"",
            "no name of an environment variable",
        ),
        ("name = \"chat\"\nkind = \"discord\"", "lacks `address_variable`"),
        ("name = \"ops\"\nkind = \"slack\"\nchannel = \"#ops\"\ntoken_variable = \"T\"", "its id in Slack"),
        ("name = \"Ops\"\nkind = \"teams\"\naddress_variable = \"T\"", "small letters"),
        (
            "name = \"t\"\nkind = \"teams\"\naddress_variable = \"T\"\nkey_variable = \"K\"",
            "which `teams` does not read",
        ),
        (
            "name = \"t\"\nkind = \"teams\"\naddress_variable = \"T\"\n[[incident.channel]]\nname = \"t\"\nkind = \"teams\"\naddress_variable = \"U\"",
            "are called `t`",
        ),
    ] {
        world.write("orderly.toml", &format!("{config}\n[[incident.channel]]\n{channel}\n"));
        let refused = world.orderly(&["incident", "list"]).exits(2);
        assert!(refused.stderr.contains(words) && !refused.stderr.contains("canary-1"), "{}", refused.stderr);
    }
}

#[test]
fn what_others_recorded_is_imported_once_by_time_with_source_and_author() {
    let world = World::start();
    world.send(Burst { events: 3, ..Burst::default() });
    let incident = |arguments: &[&str]| {
        let mut all = vec!["incident"];
        all.extend(arguments);
        world.orderly(&all)
    };
    incident(&["declare", "BACKEND-1", "--as", "owner@localhost"]).exits(0);
    let note = json!({"text": "it is the **pool**\u{202e} password=hunter2hunter2"});
    world.sentry(Method::POST, "issues/BACKEND-1/notes/", Some(note));
    let release = json!({"version": "backend@1.1.0", "projects": ["backend"]});
    world.sentry(Method::POST, "releases/", Some(release));
    world.sentry(Method::POST, "releases/backend@1.1.0/deploys/", Some(json!({"environment": "production"})));
    world.sentry(Method::PUT, "issues/BACKEND-1/", Some(json!({"status": "resolved"})));
    let hour = world.servers().clock().now().as_second() - 3600;
    let hour = jiff::Timestamp::from_second(hour).unwrap();
    let alarm = json!({"project": "backend", "detector": "errors", "begins": hour, "newest": hour, "incident": null,
        "sum": {"window": 1, "observed": 90.0, "expected": 6.1, "dispersion": 1.3, "p_value": 1e-9, "by_chance_a_week": 1e-7}});
    world.write("alarms.jsonl", &format!("{alarm}\n"));

    let first = incident(&["import", "INC-1", "--alarms", "alarms.jsonl", "--json"]).exits(0).json();
    let texts: Vec<&str> =
        first["imported"].as_array().unwrap().iter().map(|entry| entry["text"].as_str().unwrap()).collect();
    let count = texts.len();
    assert_eq!(first["new"], count, "{first:#}");
    for words in [
        "comment on BACKEND-1: it is the **pool**",
        "release backend@1.1.0 went out to production",
        "BACKEND-1 was resolved",
        "alarm in backend: 90 errors in 1 h, 6.1 usual",
    ] {
        assert!(texts.iter().any(|text| text.starts_with(words)), "{words} in {texts:#?}");
    }
    let by =
        first["imported"].as_array().unwrap().iter().find(|entry| entry["kind"] == "communication").unwrap();
    assert!(by["author"] != "orderly" && by["source"].as_str().unwrap().contains("/issues/"), "{by:#}");
    let times: Vec<jiff::Timestamp> = first["imported"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["at"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(times.is_sorted(), "{times:?}");

    let again = incident(&["import", "INC-1", "--alarms", "alarms.jsonl"]).exits(0);
    assert!(again.stdout.contains("Nothing is new for INC-1."), "{}", again.stdout);
    let without = incident(&["import", "INC-1"]).exits(0);
    assert!(without.stderr.contains("not looked at: alarms of orderly watch"), "{}", without.stderr);
    let page = incident(&["timeline", "INC-1"]).exits(0).stdout;
    assert!(!page.contains('\u{202e}') && !page.contains("hunter2") && page.contains("\\*\\*pool"), "{page}");

    // What cannot be looked at is said, and the rest is imported.
    let knobs = world.servers().sentry_knobs();
    let org = &world.servers().ready().sentry.org;
    let refusal = Effect::answer(StatusCode::FORBIDDEN, "application/json", "{}");
    knobs.inject(WireFault::new(Match::path(format!("/api/0/organizations/{org}/incidents/")), refusal));
    let gaps = incident(&["import", "INC-1"]).exits(1);
    assert!(gaps.stderr.contains("not looked at: alerts: access refused"), "{}", gaps.stderr);
    world.write("alarms.jsonl", "no alarm canary-9\n");
    let unread = incident(&["import", "INC-1", "--alarms", "alarms.jsonl"]).exits(2);
    assert!(
        unread.stderr.contains("line 1 is no alarm") && !unread.stderr.contains("canary-9"),
        "{}",
        unread.stderr
    );
}
