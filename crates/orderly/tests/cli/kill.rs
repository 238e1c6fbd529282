//! The real binary, killed at any point of `sync --apply`, again and again: the next runs finish its work, and nothing
//! is filed twice.

/// Left out by the default profile: two hundred kills take a while.
mod slow {
    use crate::world::{Burst, World};
    use orderly_local::knobs::{Effect, Fault, Match};
    use orderly_local::traffic::Seed;
    use std::collections::BTreeMap;
    use std::os::unix::process::ExitStatusExt;
    use std::time::{Duration, Instant};

    const KILLS_A_WORLD: usize = 25;
    const WORLDS: u64 = 8;
    const CAP: usize = 3;

    #[test]
    fn two_hundred_kills_lose_nothing_and_file_nothing_twice() {
        let caught: usize = (0..WORLDS).map(|number| rounds(number, |_, _| {})).sum();
        assert!(caught >= 8, "{caught} kills came between an intent and its end, which proves little");
    }

    #[test]
    fn kills_together_with_lost_replies_lose_nothing_and_file_nothing_twice() {
        let worlds = (0..2).map(|number| {
            rounds(WORLDS + number, |world, seed| {
                let fields = ["issueCreate", "attachmentCreate", "issues"];
                let field = fields[usize::try_from(seed.below(3)).unwrap()];
                let effect = if seed.below(2) == 0 { Effect::DropReply } else { Effect::DropConnection };
                let knobs = world.servers().tracker_knobs();
                knobs.inject(Fault::new(Match::root_field(field), effect.clone()));
                let links = Match::path("/api/0/sentry-app-installations/");
                world.servers().sentry_knobs().inject(Fault::new(links, effect));
            })
        });
        let caught: usize = worlds.sum();
        assert!(caught >= 2, "{caught} kills came between an intent and its end, which proves little");
    }

    /// New issues keep coming while the runs that should file them are killed; then a clean run ends it all. How many
    /// kills came between an intent and its end.
    fn rounds(number: u64, trouble: impl Fn(&World, &mut Seed)) -> usize {
        let mut seed = Seed::new(number);
        let world = World::start();
        for knobs in [world.servers().tracker_knobs(), world.servers().sentry_knobs()] {
            knobs.set_latency(Duration::from_millis(3));
        }
        // Runs take different times on different machines: what is known of this one sets the range of the kills.
        world.crashes(1);
        let begun = Instant::now();
        drop(world.orderly(&["sync", "--apply"]).exits(0));
        let whole = u64::try_from(begun.elapsed().as_millis()).unwrap();
        let (mut round, mut killed, mut caught_at_work) = (0, 0, 0);
        while killed < KILLS_A_WORLD {
            round += 1;
            if round % 2 == 0 {
                let name = word(round);
                world.send(Burst {
                    message: &format!("{name} is gone"),
                    function: &name,
                    kind: &format!("{name}Error"),
                    events: 2,
                    ..Burst::default()
                });
            }
            trouble(&world, &mut seed);
            world.servers().tracker_knobs().forget_requests();
            let mut run = world.command(&["sync", "--apply", "--quiet"]).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(seed.below(whole * 3 / 2 + 20)));
            run.kill().unwrap();
            killed += usize::from(run.wait().unwrap().signal() == Some(9));
            let deadline = Instant::now() + Duration::from_secs(20);
            while world.servers().tracker_knobs().in_flight() > 0 {
                assert!(Instant::now() < deadline, "what the dead run asked for is answered");
                std::thread::sleep(Duration::from_millis(1));
            }
            assert!(world.asked("issueCreate") <= CAP, "seed {number}, round {round}: the cap was passed");
            lease_lapses(&world);
            let open = world.ledger_says("SELECT COUNT(*) FROM ledger_journal WHERE is_open = 1");
            caught_at_work += usize::from(open != ["0"]);
        }
        #[expect(clippy::print_stdout, reason = "how hard the proof was belongs to its result")]
        {
            println!("seed {number}: {killed} kills in {round} runs, {caught_at_work} left open work");
        }
        converges(&world, number);
        caught_at_work
    }

    /// A killed run cannot give its lease back; the next one may begin when two minutes have passed.
    fn lease_lapses(world: &World) {
        drop(world.ledger_says("UPDATE ledger_leases SET until_us = 0"));
    }

    fn converges(world: &World, number: u64) {
        for knobs in [world.servers().tracker_knobs(), world.servers().sentry_knobs()] {
            knobs.set_latency(Duration::ZERO);
            knobs.clear_faults();
        }
        // The cap holds for every run, so that a backlog of decisions takes a few of them.
        for _ in 0..KILLS_A_WORLD {
            world.servers().tracker_knobs().forget_requests();
            let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
            assert!(world.asked("issueCreate") <= CAP, "seed {number}");
            if report["created_or_linked"] == serde_json::json!([]) {
                break;
            }
        }
        let mut by_issue: BTreeMap<String, usize> = BTreeMap::new();
        for item in world.own_items() {
            let body = item["description"].as_str().unwrap();
            let marker = body.lines().rev().find(|line| line.contains("Tracked by Orderly:")).unwrap();
            *by_issue.entry(marker.to_owned()).or_default() += 1;
            assert_eq!(item["attachments"]["nodes"].as_array().unwrap().len(), 1, "seed {number}: {item}");
        }
        assert!(by_issue.values().all(|count| *count == 1), "seed {number}: {by_issue:?}");
        let issues = world.issues("is:unresolved");
        assert_eq!(by_issue.len(), issues.len(), "seed {number}: every issue has its item: {by_issue:#?}");
        for issue in issues {
            assert_eq!(world.external_issues(&issue["id"]).len(), 1, "seed {number}: {issue}");
        }
        let open = world.ledger_says("SELECT COUNT(*) FROM ledger_journal WHERE is_open = 1");
        assert_eq!(open, ["0"], "seed {number}");
        assert_eq!(world.ledger_says("PRAGMA integrity_check"), ["ok"]);
    }

    /// A different word for every number, so that no two issues look alike.
    fn word(mut number: usize) -> String {
        let mut word = String::from("w");
        while number > 0 {
            word.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
            number /= 26;
        }
        word.repeat(3)
    }
}
