//! What looking at a pool of twenty issues costs: the requests of both clients, asked as the engine asks them.

use crate::support::{World, eventually};
use crate::tracker::{saw, team};
use crate::tracker_find::wanted;
use futures::future::{join, join_all};
use orderly_core::ids::ProjectSlug;
use orderly_core::sync::snapshot::{AppLinks, Signal};
use orderly_core::time::Seconds;
use orderly_engine::ports::sentry::{SearchScope, SentryRead};
use orderly_engine::ports::tracker::TrackerRead;
use serde_json::json;

#[tokio::test]
async fn a_pool_of_twenty_takes_thirty_two_requests_in_four_steps() {
    let world = World::start().await;
    let rules = json!({"raw": "path:shop/* mina@localhost #platform\n"});
    world.api(reqwest::Method::PUT, "/projects/acme/backend/ownership/", Some(rules)).await;
    for n in 0..20 {
        world.event("backend", json!({"fingerprint": [n.to_string()]})).await;
    }
    let (sentry, tracker) = (world.sentry(), world.tracker());
    let scope = |environments| SearchScope {
        projects: vec![ProjectSlug::new("backend")],
        environments,
        window: Seconds::hours(24),
        limit: 100,
    };
    eventually(|| async {
        let found = saw(world.sentry().search(Signal::ForReview, &scope(Vec::new())).await);
        (found.value.len() == 20).then_some(())
    })
    .await;
    world.servers.sentry_knobs().forget_requests();

    // What the engine does: what needs nothing goes out first, then the searches, then the closer looks, then the tracker.
    let around = async { (tracker.facts(&team(), &[]).await, sentry.link_back_path().await) };
    let chain = async {
        let scope = scope(saw(sentry.environments().await));
        let named = join_all(Signal::ALL.map(|signal| sentry.search(signal, &scope))).await;
        let issues = saw(named.into_iter().next_back().expect("four signals")).value;
        assert_eq!(issues.len(), 20);
        let looks = issues.iter().map(|issue| {
            assert_eq!(issue.app_links, AppLinks::Told);
            join(sentry.latest_event(issue.id), sentry.owners(issue))
        });
        for (event, owners) in join_all(looks).await {
            saw(event);
            assert!(saw(owners).len() >= 2);
        }
        let wanted: Vec<_> = issues.iter().map(|issue| wanted(issue.id.0)).collect();
        tracker.find(&team(), &wanted).await
    };
    let (_, found) = futures::join!(around, chain);
    assert_eq!(found.len(), 20);
    let count = |knobs: &orderly_local::Knobs| knobs.request_count();
    let asked = (count(world.servers.sentry_knobs()), count(world.servers.tracker_knobs()));
    // Environments, projects, installed apps, members, teams; 4 searches; 20 events. Facts; 2 batches.
    assert_eq!(asked, (29, 3));
    assert_eq!(world.clock.waits(), 0);
    world.stop().await;
}
