//! The backlog sync, previewed and applied.

use crate::look::{HEADINGS, reasons, results};
use crate::world::{Burst, World};
use serde_json::{Value, json};

#[test]
fn a_preview_writes_nothing_outside() {
    let world = World::start();
    world.crashes(2);
    let before = (world.items(), world.issues(""));
    world.servers().sentry_knobs().forget_requests();
    world.servers().tracker_knobs().forget_requests();

    let report = world.orderly(&["sync", "--json"]).exits(0).json();

    assert_eq!(report["kind"], "preview");
    assert_eq!(results(&report), ["would_create", "would_create"]);
    let reads = world.servers().sentry_knobs().requests();
    assert!(reads.iter().all(|request| request.method == "GET"), "{reads:?}");
    assert_eq!((world.items(), world.issues("")), before);
    for issue in world.issues("") {
        assert!(world.external_issues(&issue["id"]).is_empty());
        assert_eq!(issue["annotations"], json!([]));
    }
}

#[test]
fn an_applied_sync_creates_links_both_ways_and_its_repetition_adds_nothing() {
    let world = World::start();
    world.crashes(2);
    let before = world.issues_without_links();

    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();

    assert_eq!(results(&report), ["created", "created"]);
    let items = world.own_items();
    assert_eq!(items.len(), 2);
    for row in report["created_or_linked"].as_array().unwrap() {
        assert_eq!(row["link_back"]["status"], "succeeded");
        let key = row["item"]["key"].as_str().unwrap();
        let item = items.iter().find(|item| item["identifier"] == key).unwrap();
        let permalink = row["issue"]["permalink"].as_str().unwrap();
        assert_eq!(item["attachments"]["nodes"][0]["url"], permalink);
        assert_eq!(item["state"]["type"], "triage");
        assert!(item["description"].as_str().unwrap().contains(permalink));
        let issue = json!(row["issue"]["id"].to_string());
        let link = world.external_issues(&issue).remove(0);
        assert!(link["webUrl"].as_str().unwrap().starts_with(row["item"]["url"].as_str().unwrap()), "{link}");
        let seen = world.issue(&format!("issue:{}", row["issue"]["short_id"].as_str().unwrap()));
        assert!(seen["annotations"].to_string().contains(key), "{seen}");
    }
    assert_eq!(world.issues_without_links(), before, "a sync changes nothing else in Sentry");

    world.servers().tracker_knobs().forget_requests();
    let again = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(again["created_or_linked"], json!([]));
    assert_eq!(world.asked("issueCreate"), 0);
    assert_eq!(world.own_items(), items);
}

#[test]
fn the_report_has_its_headings_in_order_and_is_kept_as_markdown_and_json() {
    let world = World::start();
    world.crashes(1);
    let ran = world.orderly(&["sync", "--apply"]).exits(0);
    let headings: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(headings, HEADINGS);
    assert!(ran.stdout.contains("| Issue | Project | Signal | Linear Result | Link-Back Status |"));
    assert!(ran.stdout.contains("| BACKEND-1 | backend | "), "{}", ran.stdout);
    let kept: Vec<_> = std::fs::read_dir(world.dir().join(".orderly/reports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let text = |ending: &str| {
        let path = kept.iter().find(|path| path.extension().is_some_and(|found| found == ending)).unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    assert_eq!(text("md").trim_end(), ran.stdout.trim_end());
    let report: Value = serde_json::from_str(&text("json")).unwrap();
    assert_eq!(results(&report), ["created"]);
}

#[test]
fn the_json_report_has_its_documented_keys() {
    let world = World::start();
    world.crashes(1);
    let report = world.orderly(&["sync", "--json"]).exits(0).json();
    let keys = |value: &Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(
        keys(&report),
        "created_or_linked kind made_at org prepared_only run sentry_url setup_gaps skipped_as_duplicates \
         skipped_by_policy stopped team totals version"
    );
    let row = &report["created_or_linked"][0];
    assert_eq!(keys(row), "certificate comment draft issue item link_back proof qualified result signals");
    assert_eq!(keys(&row["certificate"]), "compared_with nearest thresholds verdict words");
    assert_eq!(keys(&row["issue"]), "events id permalink project short_id title users");
    let provers: Vec<&str> =
        row["proof"].as_array().unwrap().iter().map(|line| line["prover"].as_str().unwrap()).collect();
    assert_eq!(
        provers,
        ["external link", "short ID", "permalink", "title fingerprint", "stack signature", "owner clue"]
    );
}

#[test]
fn an_empty_run_makes_no_ticket_and_says_that_nothing_qualified() {
    let world = World::start();
    let ran = world.orderly(&["sync", "--apply"]).exits(0);
    assert!(ran.stdout.contains("Nothing qualified; no ticket was created."), "{}", ran.stdout);
    let headings: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(headings, HEADINGS);
    assert!(world.items().is_empty());
}

#[test]
fn a_run_attempts_no_more_creations_than_its_cap_and_the_next_one_takes_the_rest() {
    let world = World::start();
    world.crashes(5);
    for (cap, created, left) in [(None, 3, 2), (Some("1"), 1, 1), (Some("0"), 0, 1), (None, 1, 0)] {
        world.servers().tracker_knobs().forget_requests();
        let mut arguments = vec!["sync", "--apply", "--json"];
        arguments.extend(cap.iter().flat_map(|cap| ["--max-creates", cap]));
        let report = world.orderly(&arguments).exits(0).json();
        assert_eq!(results(&report), vec!["created"; created]);
        assert_eq!(world.asked("issueCreate"), created);
        let prepared = reasons(&report["prepared_only"]);
        assert_eq!(prepared.len(), left, "{prepared:?}");
        assert!(prepared.iter().all(|because| because.contains("cap")), "{prepared:?}");
    }
    assert_eq!(world.own_items().len(), 5);
}

#[test]
fn an_item_that_a_person_filed_is_linked_instead_of_filed_again() {
    let world = World::start();
    world.send(Burst { message: "one is gone", function: "first", ..Burst::default() });
    world.send(Burst { message: "two is gone", function: "second", kind: "KeyError", ..Burst::default() });
    let by_link = world.issue("one is gone");
    let by_name = world.issue("two is gone");
    let permalink = by_link["permalink"].as_str().unwrap();
    let linked = world.file("Customers cannot pay", &format!("Seen here: {permalink}"));
    let named = world.file(&format!("Look at {}", by_name["shortId"].as_str().unwrap()), "");

    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();

    assert_eq!(results(&report), ["linked", "linked"]);
    assert_eq!(world.asked("issueCreate"), 2, "those of the person");
    for (id, issue) in [(linked, by_link), (named, by_name)] {
        let items = world.items();
        let item = items.iter().find(|item| item["id"] == json!(id)).unwrap();
        assert_eq!(item["attachments"]["nodes"][0]["url"], issue["permalink"]);
        let link = world.external_issues(&issue["id"]).remove(0);
        assert!(link["webUrl"].as_str().unwrap().contains(item["identifier"].as_str().unwrap()), "{link}");
    }
}

#[test]
fn a_possible_duplicate_is_prepared_only_and_names_the_likely_item() {
    let world = World::start();
    world.send(Burst { message: "card 4711 was refused by bank", ..Burst::default() });
    world.file("ValueError: card 9 was refused by bank", "A colleague saw this.");
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(report["created_or_linked"], json!([]));
    let prepared = &report["prepared_only"][0];
    assert_eq!(prepared["item"]["key"], "PLAT-1", "{report}");
    assert!(prepared["because"].as_str().unwrap().contains("possible duplicate of PLAT-1"), "{prepared}");
    assert!(world.own_items().is_empty());
}

#[test]
fn an_item_that_was_cancelled_or_trashed_is_an_answer_and_nothing_is_filed_again() {
    for decline in [|world: &World, id: &str| world.move_item(id, "canceled"), World::trash_item] {
        let world = World::start();
        world.crashes(1);
        // Without a link in Sentry: the tracker alone knows of the item.
        let config = world.config() + "\n[sync]\ncooldown = \"0s\"\nlink_back = \"off\"\n";
        world.write("orderly.toml", &config);
        world.orderly(&["sync", "--apply"]).exits(0);
        decline(&world, world.own_items()[0]["id"].as_str().unwrap());
        let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
        assert_eq!(report["created_or_linked"], json!([]), "{report}");
        let skipped = reasons(&report["skipped_as_duplicates"]);
        assert!(skipped[0].contains("declined there by a person"), "{skipped:?}");
        assert_eq!(world.items().len(), 1);
    }
}

#[test]
fn a_day_in_the_shop_is_filed_within_the_cap_and_then_there_is_nothing_left_to_do() {
    let world = World::after_a_day_in_the_shop();
    for round in 0..5 {
        world.servers().tracker_knobs().forget_requests();
        let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
        assert!(world.asked("issueCreate") <= 3);
        assert_eq!(report["created_or_linked"] == json!([]), round > 1, "round {round}: {report}");
    }
    let mut markers: Vec<String> = world
        .own_items()
        .iter()
        .map(|item| item["description"].as_str().unwrap().lines().last().unwrap().to_owned())
        .collect();
    let count = markers.len();
    markers.sort();
    markers.dedup();
    assert_eq!(markers.len(), count);
}

#[test]
fn an_issue_is_not_filed_again_while_a_person_tracks_it_in_other_words_and_the_report_names_the_likely_item()
{
    let world = World::start();
    world.send(Burst { message: "cannot parse amount 12", function: "parse_amount", ..Burst::default() });
    let pasted = "Support asks about it:\n\n```\nTraceback (most recent call last):\n  File \"parse_amount/parse_amount.py\", line \
                  12, in parse_amount\n    parse_amount(order)\nValueError: cannot parse amount 7\n```";
    let id = world.file("Customers cannot pay", pasted);
    let item = world.items().into_iter().find(|item| item["id"] == id).unwrap();
    world.file("Tidy up the release notes", "They are too long.");
    world.servers().tracker_knobs().forget_requests();

    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();

    assert_eq!((results(&report).len(), world.asked("issueCreate")), (0, 0));
    let row = &report["prepared_only"][0];
    assert_eq!(row["item"]["key"], item["identifier"], "{row}");
    assert_ne!(row["certificate"]["verdict"], "new", "{row}");
    assert_eq!(row["certificate"]["compared_with"], 2);
    assert_eq!(row["certificate"]["nearest"][0]["item"]["key"], item["identifier"]);
    let mut kept =
        std::fs::read_dir(world.dir().join(".orderly/reports")).unwrap().map(|entry| entry.unwrap().path());
    let markdown = kept.find(|path| path.extension().is_some_and(|ending| ending == "md")).unwrap();
    let markdown = std::fs::read_to_string(markdown).unwrap();
    assert!(markdown.contains("- Likeness: "), "{markdown}");
}

#[test]
fn a_new_issue_is_filed_with_a_certificate_and_the_index_reads_only_what_changed() {
    let world = World::start();
    world.file("Tidy up the release notes", "They are too long.");
    world.crashes(1);
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(results(&report), ["created"]);
    let certificate = &report["created_or_linked"][0]["certificate"];
    assert_eq!(
        (certificate["verdict"].as_str(), certificate["compared_with"].as_u64()),
        (Some("new"), Some(1))
    );
    assert!(certificate["words"].as_str().unwrap().contains("95 % confidence"), "{certificate}");

    world.servers().tracker_knobs().forget_requests();
    world.orderly(&["sync", "--json"]).exits(0);
    let requests = world.servers().tracker_knobs().requests();
    let pages = requests.iter().filter(|request| request.operations == ["issues"]).count();
    assert_eq!(pages, 1, "one page tells what changed: {requests:?}");
}
