//! npm `sentry`, the command line that people use now.

use crate::client::Client;
use crate::world::World;

fn sentry(world: &World) -> Client {
    Client::node("node_modules/sentry/dist/bin.cjs")
        .with("SENTRY_HOST", world.url())
        .with("SENTRY_AUTH_TOKEN", world.token())
        .with("SENTRY_NO_CACHE", "1")
        .with("SENTRY_CLI_NO_TELEMETRY", "1")
        .with("SENTRY_CLI_NO_UPDATE_CHECK", "1")
}

#[tokio::test]
async fn organizations_and_projects_are_listed_and_viewed() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    sentry.run(&["org", "list"]).await.success().says(&["acme"]);
    sentry.run(&["org", "view", "acme"]).await.success().says(&["acme"]);
    sentry.run(&["auth", "whoami"]).await.success().says(&["owner@localhost"]);
    sentry.run(&["project", "list", "acme/"]).await.success().says(&["backend", "frontend"]);
    sentry.run(&["project", "view", "acme/backend"]).await.success().says(&["backend", "127.0.0.1"]);
    world.stop().await;
}
