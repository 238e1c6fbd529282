//! The tracker as an HTTP service, and the handle that steers it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use sqlx::SqlitePool;
use tokio::sync::RwLock;

use super::access::{Access, ApiKey, Keys};
use super::behaviour::{Behaviour, RepeatedIds};
use super::gate::Tolerance;
use super::limits::{Buckets, Limits};
use super::model::{Role, UserId};
use super::pages;
use super::seed::{self, TrackerSeed};
use super::server::{Server, lock};
use super::store::Store;
use super::world::{Change, World};
use crate::clock::Clock;
use crate::error::LocalError;

/// A request with this header set to `1` is refused for fields that the schema lacks, instead of losing them.
const STRICT_HEADER: &str = "x-orderly-strict";

/// The tracker. Clones are handles on the same one.
#[derive(Clone)]
pub struct Tracker {
    server: Arc<Server>,
    api_key: Arc<str>,
    team: Arc<str>,
}

impl Tracker {
    /// Opens the workspace in this database, making it from `seed` when there is none. The API key stays the same
    /// from one opening to the next.
    ///
    /// # Errors
    /// When the database refuses, or holds a record that cannot be.
    pub async fn open(pool: SqlitePool, clock: Clock, seed: TrackerSeed) -> Result<Self, LocalError> {
        let store = Store::open(pool).await?;
        let world = match store.load().await? {
            Some(mut world) => {
                let missing = seed::additions(&world, &seed, clock.now());
                commit(&store, &mut world, missing).await?;
                world
            }
            None => create(&store, &seed, &clock).await?,
        };
        let mut known = store.keys().await?;
        if !known.iter().any(|key| key.access == Access::Full) {
            let key = ApiKey::random(first_admin(&world)?, Access::Full);
            store.add_key(&key).await?;
            known.push(key);
        }
        let mut keys = Keys::default();
        known.iter().for_each(|key| keys.add(key));
        let api_key = known
            .into_iter()
            .find_map(|key| (key.access == Access::Full).then_some(key.key))
            .expect("a key with full access was added when there was none");
        let server = Server {
            schema: schema(),
            store,
            clock,
            base_url: seed.base_url,
            world: RwLock::new(world),
            keys: Mutex::new(keys),
            behaviour: Mutex::default(),
            buckets: Mutex::new(Buckets::default()),
            dropped: Mutex::default(),
        };
        Ok(Self { server: Arc::new(server), api_key: api_key.into(), team: seed.team.into() })
    }

    /// The routes: `POST /graphql`, and a page for each permalink.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/graphql", post(graphql))
            .route("/", get(pages::list))
            .route("/{organization}/issue/{identifier}", get(pages::issue))
            .route("/{organization}/issue/{identifier}/{title}", get(pages::titled_issue))
            .with_state(self.server.clone())
    }

    /// A key that may do everything.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Key of the team the workspace was opened for.
    pub fn team(&self) -> &str {
        &self.team
    }

    /// Adds an API key of the same user as [`Tracker::api_key`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn create_key(&self, access: Access) -> Result<String, LocalError> {
        let user = first_admin(&*self.server.world.read().await)?;
        let key = ApiKey::random(user, access);
        self.server.store.add_key(&key).await?;
        lock(&self.server.keys).add(&key);
        Ok(key.key)
    }

    /// How the tracker behaves now.
    pub fn behaviour(&self) -> Behaviour {
        self.server.behaviour()
    }

    /// Sets what a repeated client id does from now on.
    pub fn set_repeated_ids(&self, repeated_ids: RepeatedIds) {
        lock(&self.server.behaviour).repeated_ids = repeated_ids;
    }

    /// Sets how long a new issue stays invisible to search.
    pub fn set_search_lag(&self, search_lag: SignedDuration) {
        lock(&self.server.behaviour).search_lag = search_lag;
    }

    /// Sets request, complexity and search limits and starts counting afresh.
    pub fn set_limits(&self, limits: Limits) {
        lock(&self.server.behaviour).limits = limits;
        *lock(&self.server.buckets) = Buckets::default();
    }

    /// The fields that clients asked for and the schema lacks, as `Type.field`, with how often each was left out.
    pub fn dropped_fields(&self) -> BTreeMap<String, u64> {
        lock(&self.server.dropped).clone()
    }
}

#[cfg(test)]
impl Tracker {
    /// The answer to a request body, as if it had come with the API key and strictly.
    pub(super) async fn answer_for_tests(&self, body: &str) -> serde_json::Value {
        let mut headers = HeaderMap::new();
        let key = self.api_key.parse().expect("keys are ASCII");
        headers.insert(axum::http::header::AUTHORIZATION, key);
        self.server.clone().handle(&headers, Tolerance::Strict, body.as_bytes()).await.0.body()
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("team", &self.team)
            .field("behaviour", &self.behaviour())
            .finish_non_exhaustive()
    }
}

async fn graphql(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let tolerance = match headers.get(STRICT_HEADER).map(|value| value.as_bytes()) {
        Some(b"1") => Tolerance::Strict,
        _ => Tolerance::Lenient,
    };
    let (answer, readings) = server.handle(&headers, tolerance, &body).await;
    let mut response = (answer.status, Json(answer.body())).into_response();
    for reading in readings {
        reading.write_headers(response.headers_mut());
    }
    response
}

/// The schema served. Three files, one text.
pub(super) fn schema() -> Valid<Schema> {
    let text = concat!(
        include_str!("schema/root.graphql"),
        include_str!("schema/types.graphql"),
        include_str!("schema/inputs.graphql"),
    );
    Schema::parse_and_validate(text, "schema.graphql").expect("the schema is constant and tested")
}

async fn create(store: &Store, seed: &TrackerSeed, clock: &Clock) -> Result<World, LocalError> {
    let records = seed::workspace(seed, clock.now());
    let Some(Change::Organization(organization)) = records.first() else {
        unreachable!("a workspace begins with its organization");
    };
    let mut world = World::new(organization.clone(), 0);
    commit(store, &mut world, records).await?;
    Ok(world)
}

async fn commit(store: &Store, world: &mut World, changes: Vec<Change>) -> Result<(), LocalError> {
    store.commit(&changes).await.map_err(LocalError::database("fill the tracker"))?;
    world.apply(changes);
    Ok(())
}

fn first_admin(world: &World) -> Result<UserId, LocalError> {
    let admin = world.users.values().find(|user| user.role == Role::Admin);
    admin.map(|user| user.id.clone()).ok_or_else(|| LocalError::CorruptRow {
        table: "tracker_user",
        key: "(all)".to_owned(),
        why: "no user is an admin, so no API key can be made".to_owned(),
    })
}
