//! `orderly eval duplicates --own`: what a team's own merges and duplicates say about likeness.

use crate::world::{Burst, World};
use reqwest::Method;
use serde_json::{Value, json};

/// Words that make traces nobody would take for one another.
const WORDS: [&str; 12] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo",
    "lima",
];

impl World {
    /// An item about an error of its own, by number.
    fn file_error(&self, number: usize) -> String {
        let [one, two] = [number % WORDS.len(), number / WORDS.len()].map(|nth| WORDS[nth]);
        let trace = format!(
            "Traceback (most recent call last):\n  File \"{one}/{two}.py\", line 7, in {one}_{two}\n    {one}()\n  File \
             \"{two}/{one}_of.py\", line 4, in {two}_of_{one}\n    {two}()\n{one}{two}Error: {two} without {one}\n"
        );
        let item = self.file(&format!("{one} fails in {two}"), &trace);
        // What waits for triage was judged by nobody yet.
        self.move_item(&item, "unstarted");
        item
    }

    /// The same error again, which a person sees and marks.
    fn file_duplicate(&self, number: usize, of: &str) {
        let again = self.file_error(number);
        let query = "mutation($a:String!,$b:String!){issueRelationCreate(input:{issueId:$a,relatedIssueId:$b,type:duplicate})\
                     {success}}";
        drop(self.tracker(query, json!({"a": again, "b": of})));
    }

    /// Two errors that become two issues in Sentry, and one when a person merges them.
    fn merge_two(&self, function: &str) {
        for caller in ["from_web", "from_jobs"] {
            self.send(Burst {
                function: &format!("{function}_{caller}"),
                message: function,
                ..Burst::default()
            });
        }
        let ids: Vec<Value> = self.issues(function).iter().map(|issue| issue["id"].clone()).collect();
        let [a, b] = ids.as_slice() else { panic!("{ids:?}") };
        let path = format!("issues/?id={}&id={}", a.as_str().unwrap(), b.as_str().unwrap());
        let merged = self.sentry(Method::PUT, &path, Some(json!({"merge": 1})));
        assert!(merged["merge"]["parent"].is_string(), "{merged}");
    }

    fn own_history(&self) -> Value {
        self.orderly(&["eval", "duplicates", "--own", "--json"]).exits(0).json()
    }
}

#[test]
fn own_merges_and_duplicates_say_whether_an_applied_sync_can_be_trusted_yet() {
    let world = World::start();
    world.merge_two("pay");
    let first = world.file_error(0);
    world.file_error(1);
    world.file_duplicate(0, &first);

    let few = world.own_history();

    assert_eq!((&few["merged"], &few["looked_at"]), (&json!(1), &json!(1)), "{few}");
    assert_eq!((&few["known"], &few["new"]), (&json!(2), &json!(2)), "a merge and a duplicate: {few}");
    assert_eq!(few["trusted"], false);
    assert_eq!(few["thresholds"]["new_below"]["promise"]["basis"]["basis"], "shipped", "{few}");
    let advice = few["advice"].as_str().unwrap();
    assert!(advice.starts_with("start in preview: 2 of 32 known and 2 of 99 new errors"), "{advice}");

    for number in 2..100 {
        let item = world.file_error(number);
        if number % 3 == 0 {
            world.file_duplicate(number, &item);
        }
    }

    let enough = world.own_history();

    assert_eq!((&enough["known"], &enough["new"]), (&json!(35), &json!(100)), "{enough}");
    assert_eq!(enough["trusted"], true, "{enough}");
    assert!(enough["advice"].as_str().unwrap().starts_with("--apply can be trusted"), "{enough}");
    // What was learned is what every later sync goes by.
    world.send(Burst { function: "unheard_of", message: "something else entirely", ..Burst::default() });
    let report = world.orderly(&["sync", "--json"]).exits(0).json();
    assert!(report.to_string().contains("of this backlog"), "{report}");
}

#[test]
fn merges_that_cannot_be_read_are_told_and_the_duplicates_of_the_tracker_still_count() {
    let world = World::start();
    let first = world.file_error(0);
    world.file_duplicate(0, &first);
    let missing = world.config().replace("org = \"", "org = \"no-");
    world.write("orderly.toml", &missing);

    let ran = world.orderly(&["eval", "duplicates", "--own"]).exits(0);

    assert!(ran.stdout.contains("no merges of Sentry, because they could not be read"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 errors that were known"), "{}", ran.stdout);
}

#[test]
fn only_what_changed_is_read_again_and_what_is_gone_without_a_trace_is_found_by_reading_all() {
    let world = World::start();
    let items: Vec<String> = (0..3).map(|number| world.file_error(number)).collect();
    assert_eq!(world.own_history()["items"], 3);

    // An edit and the trash are changes.
    let edit = "mutation($id:String!,$input:IssueUpdateInput!){issueUpdate(id:$id,input:$input){success}}";
    drop(world.tracker(edit, json!({"id": items[0], "input": {"title": "A better title"}})));
    world.trash_item(&items[1]);
    // An item of which nothing is left is none.
    let gone = "mutation($id:String!){issueDelete(id:$id,permanentlyDelete:true){success}}";
    drop(world.tracker(gone, json!({"id": items[2]})));
    assert_eq!(world.own_history()["items"], 3, "only changes were asked for");
    let kept = |world: &World| world.ledger_says("SELECT content FROM ledger_backlog WHERE kind = 'item'");
    let holds = |word: &str| kept(&world).iter().filter(|item| item.contains(word)).count();
    assert_eq!((holds("A better title"), holds("alpha fails in alpha"), holds("\"trashed\"")), (1, 0, 1));

    world.orderly(&["sync", "--reread", "--json"]).exits(0);
    assert_eq!(world.own_history()["items"], 2);
}
