//! Events that need not be kept are forgotten; their issues are not.

use jiff::SignedDuration;

use super::world::{Event, World};
use crate::sentry::store::retention::{Retention, forget};

#[tokio::test]
async fn old_events_are_forgotten_by_age_and_by_number_and_issues_stay() {
    let world = World::start().await;
    world.send_times(&Event::error("cart"), 5).await;
    world.servers.clock().advance(SignedDuration::from_hours(24 * 10));
    world.send_times(&Event::error("cart"), 4).await;
    let pool = world.servers.pool();
    let kept = async |days: u32, events: u32| {
        let retention = Retention { days: days.try_into().ok(), events: events.try_into().ok() };
        forget(pool, retention, world.now()).await.unwrap();
        world.count("SELECT COUNT(*) FROM event").await
    };
    assert_eq!(kept(0, 0).await, 9, "everything is kept unless it is said otherwise");
    assert_eq!(kept(11, 100).await, 9);
    assert_eq!(kept(9, 0).await, 4);
    assert_eq!(kept(0, 3).await, 3);
    assert_eq!(world.count("SELECT times_seen FROM issue").await, 9);
    world.stop().await;
}
