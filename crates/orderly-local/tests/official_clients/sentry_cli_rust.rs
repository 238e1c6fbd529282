//! `@sentry/cli`, the command line of build scripts: typed, so a missing field is an error.

use crate::client::{Client, installed};
use crate::world::World;

fn sentry_cli(world: &World) -> Client {
    Client::new(installed("node_modules/@sentry/cli-linux-x64/bin/sentry-cli"), &[])
        .with("SENTRY_URL", world.url())
        .with("SENTRY_AUTH_TOKEN", world.token())
        .with("SENTRY_ORG", "acme")
        .with("SENTRY_PROJECT", "backend")
        .with("SENTRY_NO_UPDATE_CHECK", "1")
}

#[tokio::test]
async fn info_organizations_and_projects_are_shown() {
    let world = World::empty().await;
    let cli = sentry_cli(&world);
    cli.run(&["info"]).await.success().says(&["owner@localhost"]);
    cli.run(&["organizations", "list"]).await.success().says(&["acme"]);
    cli.run(&["projects", "list"]).await.success().says(&["backend", "frontend"]);
    world.stop().await;
}
