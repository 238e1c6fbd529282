//! Executes an admitted document: first its root fields, then the answer they make.
//!
//! The executor cannot wait for a database and its errors are messages only. So a first pass merely collects what the
//! root asks for; those calls are answered or carried out outside of it; a second pass lays out the result.

use std::cell::RefCell;
use std::collections::HashMap;

use apollo_compiler::executable::Operation;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{ExecutionResponse, JsonMap};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::problem::{Kind, Problem, bare_message, path_json};
use super::render::{Field, Out};
use super::scene::Scene;

/// A document, the operation chosen from it, and its variables.
pub struct Request<'a> {
    pub schema: &'a Valid<Schema>,
    pub document: &'a Valid<ExecutableDocument>,
    pub operation: &'a Operation,
    pub variables: &'a Valid<JsonMap>,
}

/// A status and the two parts of a body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    data: Option<JsonMap>,
    errors: Vec<Value>,
}

impl Answer {
    /// An answer to which fields are added.
    pub fn empty() -> Self {
        Self { status: StatusCode::OK, data: Some(JsonMap::new()), errors: Vec::new() }
    }

    /// The answer to a request that was refused as a whole.
    pub fn refused(problem: &Problem) -> Self {
        Self { status: problem.request_status(), data: None, errors: vec![problem.to_json(&[])] }
    }

    /// Adds the fields of a later answer. A field that must not be null and is takes the whole data with it.
    pub fn append(&mut self, later: Self) {
        self.status = self.status.max(later.status);
        self.errors.extend(later.errors);
        self.data = match (self.data.take(), later.data) {
            (Some(mut data), Some(more)) => {
                data.extend(more);
                Some(data)
            }
            (None, _) | (_, None) => None,
        };
    }

    /// The body as GraphQL has it.
    pub fn body(self) -> Value {
        let mut body = json!({ "data": self.data });
        if !self.errors.is_empty() {
            body["errors"] = Value::Array(self.errors);
        }
        body
    }
}

impl Request<'_> {
    /// What the root asks for, in order.
    pub fn calls(&self) -> Result<Vec<Call>, Problem> {
        let recorder =
            Recorder { type_name: self.operation.object_type().as_str(), calls: RefCell::default() };
        let response = self.execute(&recorder)?;
        if let Some(error) = response.errors.first() {
            return Err(Problem::document(bare_message(&error.message)));
        }
        Ok(recorder.calls.into_inner())
    }

    /// Lays out what root fields came to. Fields without a result are left out.
    pub fn lay_out<'w>(
        &self,
        scene: &'w Scene<'w>,
        results: HashMap<String, Field<'w>>,
    ) -> Result<Answer, Problem> {
        let root = Root {
            type_name: self.operation.object_type().as_str(),
            scene,
            problems: results
                .iter()
                .filter_map(|(key, result)| Some((key.clone(), result.as_ref().err()?.clone())))
                .collect(),
            results: RefCell::new(results),
        };
        let response = self.execute(&root)?;
        let mut answer = Answer { status: StatusCode::OK, data: response.data, errors: Vec::new() };
        for error in &response.errors {
            let path = path_json(&error.path);
            let message = bare_message(&error.message);
            let own = match path.as_slice() {
                [Value::String(key)] => root.problems.get(key).cloned(),
                _ => None,
            };
            let problem = own.or_else(|| scene.noted(message)).unwrap_or_else(|| {
                tracing::error!(message, ?path, "the tracker's answer does not fit its schema");
                Problem::new(Kind::Internal, message, "The local tracker made a mistake.")
            });
            answer.status = answer.status.max(problem.field_status());
            answer.errors.push(problem.to_json(&path));
        }
        Ok(answer)
    }

    fn execute(&self, root: &dyn ObjectValue) -> Result<ExecutionResponse, Problem> {
        Execution::new(self.schema, self.document)
            .operation(self.operation)
            .coerced_variable_values(self.variables)
            .enable_schema_introspection(true)
            .execute_sync(root)
            .map_err(|error| Problem::document(error.message().to_string()))
    }
}

struct Recorder<'a> {
    type_name: &'a str,
    calls: RefCell<Vec<Call>>,
}

impl ObjectValue for Recorder<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        self.calls.borrow_mut().push(Call {
            key: response_key(info).to_owned(),
            field: info.field_name().to_owned(),
            arguments: info.arguments().clone(),
        });
        Ok(ResolvedValue::SkipForPartialExecution)
    }
}

struct Root<'w, 'a> {
    type_name: &'a str,
    scene: &'w Scene<'w>,
    problems: HashMap<String, Problem>,
    results: RefCell<HashMap<String, Field<'w>>>,
}

impl ObjectValue for Root<'_, '_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        match self.results.borrow_mut().remove(response_key(info)) {
            Some(Ok(Some(out))) => Ok(Out::resolved(out, self.scene)),
            Some(Ok(None)) => Err(self.unknown_field_error(info)),
            Some(Err(problem)) => Err(FieldError { message: problem.message().to_owned() }),
            None => Ok(ResolvedValue::SkipForPartialExecution),
        }
    }
}

fn response_key<'a>(info: &ResolveInfo<'a>) -> &'a str {
    info.field_selections()[0].response_key().as_str()
}
