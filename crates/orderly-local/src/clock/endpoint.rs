//! The clock over HTTP, so that a day, a month or the hours after a deploy can be played in seconds:
//! `GET` and `PUT /api/local/clock/`, on this machine only, for a token that may administer the organization.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Clock;
use crate::sentry::api::AppState;
use crate::sentry::api::auth::{Caller, Scope};
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::passage::pass;

/// Time goes forward in steps of this length: what happens to issues on the way gets its own time.
const STEP: SignedDuration = SignedDuration::from_hours(1);

/// The longest way the clock goes at once.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The endpoint.
pub fn router(state: AppState) -> Router {
    Router::new().route("/api/local/clock/", get(show).put(change)).with_state(state)
}

/// What to do with the clock: one of the three.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Change {
    /// Show this time and go on from there.
    now: Option<Timestamp>,
    /// Go forward, or back if negative.
    advance_seconds: Option<i64>,
    /// Back to real time.
    real: Option<Real>,
}

/// `true`: there is nothing else to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Real;

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(Self),
            false => Err(serde::de::Error::custom("`real` can only be true")),
        }
    }
}

async fn show(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    require_admin(&caller)?;
    Ok(Json(shown(state.clock())))
}

async fn change(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(change): JsonBody<Change>,
) -> ApiResult<Json<Value>> {
    require_admin(&caller)?;
    let clock = state.clock();
    let offset = match change {
        Change { now: Some(now), advance_seconds: None, real: None } => {
            let ahead = now.duration_since(clock.now());
            clock.offset() + ahead
        }
        Change { now: None, advance_seconds: Some(seconds), real: None } => {
            clock.offset().saturating_add(SignedDuration::from_secs(seconds))
        }
        Change { now: None, advance_seconds: None, real: Some(Real) } => SignedDuration::ZERO,
        _ => {
            let why = "Send one of `now` (RFC 3339), `advance_seconds` or `real`.";
            return Err(ApiError::invalid_field("now", why));
        }
    };
    let way = offset.saturating_sub(clock.offset());
    if way.abs() > FARTHEST {
        return Err(ApiError::invalid_field("now", "The clock goes at most 400 days at once."));
    }
    go(&state, offset).await?;
    Ok(Json(shown(clock)))
}

/// Takes the clock to an offset, step by step where it goes forward.
async fn go(state: &AppState, offset: SignedDuration) -> ApiResult<()> {
    let clock = state.clock();
    while offset.saturating_sub(clock.offset()) > STEP {
        clock.advance(STEP);
        pass(state, clock.now()).await?;
    }
    clock.set_offset(offset);
    pass(state, clock.now()).await
}

fn shown(clock: &Clock) -> Value {
    json!({"now": clock.now().to_string(), "offset_seconds": clock.offset().as_secs()})
}

fn require_admin(caller: &Caller) -> ApiResult<()> {
    if caller.scopes.contains(&Scope::OrgAdmin) { Ok(()) } else { Err(ApiError::Forbidden) }
}
