//! One request from its HTTP body to its answer: who asks, is it allowed, what does it cost, what comes of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apollo_compiler::executable::OperationType;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::RwLock;

use super::access::{Access, Caller, Keys};
use super::behaviour::Behaviour;
use super::call::Call;
use super::complexity;
use super::gate::{self, Tolerance};
use super::limits::{Buckets, Limits, Meter, Reading};
use super::model::UserId;
use super::mutate::{self, Desk};
use super::problem::Problem;
use super::query;
use super::render::{Node, Out, Payload};
use super::run::{Answer, Request};
use super::scene::Scene;
use super::store::Store;
use super::world::World;
use crate::clock::Clock;

/// The running tracker.
pub struct Server {
    pub schema: Valid<Schema>,
    pub store: Store,
    pub clock: Clock,
    pub base_url: String,
    pub world: RwLock<World>,
    pub keys: Mutex<Keys>,
    pub behaviour: Mutex<Behaviour>,
    pub buckets: Mutex<Buckets>,
    /// How often each field that the schema lacks was asked for.
    pub dropped: Mutex<BTreeMap<String, u64>>,
}

/// The body of a GraphQL request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: String,
    #[serde(default)]
    variables: Option<JsonMap>,
    #[serde(default)]
    operation_name: Option<String>,
}

/// An admitted document with everything that has to outlive a task.
struct Prepared {
    document: Valid<ExecutableDocument>,
    operation_name: Option<String>,
    variables: Valid<JsonMap>,
    calls: Vec<Call>,
}

impl Server {
    /// Answers one request and says how the limits stand afterwards.
    pub async fn handle(
        self: Arc<Self>,
        headers: &HeaderMap,
        tolerance: Tolerance,
        body: &[u8],
    ) -> (Answer, Vec<Reading>) {
        let mut readings = Vec::new();
        let answer = match self.try_handle(headers, tolerance, body, &mut readings).await {
            Ok(answer) => answer,
            Err(problem) => Answer::refused(&problem),
        };
        (answer, readings)
    }

    async fn try_handle(
        self: Arc<Self>,
        headers: &HeaderMap,
        tolerance: Tolerance,
        body: &[u8],
        readings: &mut Vec<Reading>,
    ) -> Result<Answer, Problem> {
        let now = self.clock.now();
        let limits = self.behaviour().limits;
        let caller = lock(&self.keys).caller(headers);
        let (user, limits) = match &caller {
            Ok(caller) => (caller.user.clone(), limits),
            Err(_) => (UserId::from("anonymous"), Limits::ANONYMOUS),
        };
        self.charge(readings, &limits, &user, Meter::Requests, 1, now)?;
        let caller = caller?;
        let body: Body = serde_json::from_slice(body)
            .map_err(|error| Problem::document(format!("The request body cannot be read: {error}")))?;
        let (prepared, points) = self.prepare(body, tolerance, &caller)?;
        if points > u64::from(limits.complexity_per_request) {
            return Err(Problem::input(format!(
                "Query too complex: {points} points, at most {} are allowed",
                limits.complexity_per_request
            )));
        }
        self.charge(readings, &limits, &user, Meter::Complexity, points, now)?;
        let searches = prepared.calls.iter().filter(|call| is_search(call)).count();
        if searches > 0 {
            self.charge(readings, &limits, &user, Meter::Searches, searches as u64, now)?;
        }
        let readings = readings.clone();
        // A client that hangs up must not stop a change between the database and the memory: the task runs to its end.
        let task = tokio::spawn(async move { self.carry_out(&prepared, &caller, readings, now).await });
        task.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a request to the tracker failed");
            Err(Problem::internal())
        })
    }

    fn charge(
        &self,
        readings: &mut Vec<Reading>,
        limits: &Limits,
        user: &UserId,
        meter: Meter,
        amount: u64,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let charged = lock(&self.buckets).charge(limits, user, meter, amount, now);
        let (Ok(reading) | Err(reading)) = charged;
        readings.push(reading);
        charged.map(|_| ()).map_err(|reading| reading.problem())
    }

    /// Checks the document and finds what it asks of the root, and what that costs.
    fn prepare(&self, body: Body, tolerance: Tolerance, caller: &Caller) -> Result<(Prepared, u64), Problem> {
        let raw = body.variables.unwrap_or_default();
        let admitted = gate::admit(&self.schema, &body.query, &raw, tolerance)?;
        self.count_dropped(admitted.dropped);
        let document = admitted.document;
        let operation = document
            .operations
            .get(body.operation_name.as_deref())
            .map_err(|error| Problem::document(error.message().to_string()))?;
        if operation.operation_type == OperationType::Mutation && caller.access == Access::Read {
            return Err(Problem::read_only());
        }
        let variables = coerce_variable_values(&self.schema, operation, &raw)
            .map_err(|error| Problem::argument(error.message().to_string()))?;
        let points = complexity::cost(&document, operation, &variables);
        let request = Request { schema: &self.schema, document: &document, operation, variables: &variables };
        let calls = request.calls()?;
        Ok((Prepared { document, operation_name: body.operation_name, variables, calls }, points))
    }

    async fn carry_out(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        readings: Vec<Reading>,
        now: Timestamp,
    ) -> Result<Answer, Problem> {
        let operation = prepared
            .document
            .operations
            .get(prepared.operation_name.as_deref())
            .map_err(|error| Problem::document(error.message().to_string()))?;
        let request = Request {
            schema: &self.schema,
            document: &prepared.document,
            operation,
            variables: &prepared.variables,
        };
        if operation.operation_type == OperationType::Mutation {
            return self.mutate(&request, &prepared.calls, caller, now).await;
        }
        let world = self.world.read().await;
        let mut scene = self.scene(&world, caller, now)?;
        scene.readings = readings;
        let results =
            prepared.calls.iter().map(|call| (call.key.clone(), query::answer(&scene, call))).collect();
        request.lay_out(&scene, results)
    }

    fn scene<'w>(&'w self, world: &'w World, caller: &Caller, now: Timestamp) -> Result<Scene<'w>, Problem> {
        let viewer = world.users.get(&caller.user).ok_or_else(Problem::not_authenticated)?;
        let mut scene = Scene::new(world, now, viewer, &self.base_url);
        scene.search_lag = self.behaviour().search_lag;
        Ok(scene)
    }

    /// The world as it looks when it does not matter who looks; `None` without users, which no workspace is.
    pub fn scene_of_anybody<'w>(&'w self, world: &'w World) -> Option<Scene<'w>> {
        Some(Scene::new(world, self.clock.now(), world.users.values().next()?, &self.base_url))
    }

    /// Carries mutations out one after the other, each answered as things stand right after it. The first refusal
    /// ends it: what follows is not even tried.
    async fn mutate(
        &self,
        request: &Request<'_>,
        calls: &[Call],
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Answer, Problem> {
        let mut answer = Answer::empty();
        for call in calls {
            let mut world = self.world.write().await;
            let outcome = self.mutate_one(&mut world, call, caller, now).await;
            let refused = outcome.is_err();
            let world = world.downgrade();
            let scene = self.scene(&world, caller, now)?;
            let result = outcome.map(|payload| Some(Out::One(Node::Payload(payload))));
            answer.append(request.lay_out(&scene, HashMap::from([(call.key.clone(), result)]))?);
            if refused {
                break;
            }
        }
        Ok(answer)
    }

    async fn mutate_one(
        &self,
        world: &mut World,
        call: &Call,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Payload, Problem> {
        let viewer = world.users.get(&caller.user).ok_or_else(Problem::not_authenticated)?;
        let repeated_ids = self.behaviour().repeated_ids;
        let decision = mutate::decide(&Desk { world, now, viewer, repeated_ids }, call)?;
        self.store.commit(&decision.changes).await.map_err(|error| {
            tracing::error!(%error, mutation = call.field, "the tracker could not store a change");
            Problem::internal()
        })?;
        world.apply(decision.changes);
        Ok(decision.payload)
    }

    fn count_dropped(&self, dropped: Vec<String>) {
        if dropped.is_empty() {
            return;
        }
        tracing::debug!(?dropped, "fields that the local tracker lacks were left out");
        let mut counts = lock(&self.dropped);
        for field in dropped {
            // Clients choose the names: a hostile one must not fill the memory.
            if counts.len() < 10_000 || counts.contains_key(&field) {
                *counts.entry(field).or_default() += 1;
            }
        }
    }

    pub fn behaviour(&self) -> Behaviour {
        *lock(&self.behaviour)
    }
}

fn is_search(call: &Call) -> bool {
    matches!(call.field.as_str(), "searchIssues" | "semanticSearch")
}

/// Nothing under these locks can leave its state half changed, so a poisoned lock is still good.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
