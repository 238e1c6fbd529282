//! What a GraphQL document must look like to be executed.
//!
//! Clients written for a newer Linear ask for fields this tracker does not have. Such fields are taken out of the
//! document, as long as they are below the root: dropping one only makes an answer smaller. Everything else that does
//! not fit the schema (syntax, unknown root fields, arguments with a value, input fields) changes what is asked for
//! and is refused. What is executed has always passed full validation.

use std::collections::HashSet;

use apollo_compiler::ast::{
    Argument, Definition, DirectiveList, Document, Field, OperationType, Selection, Value,
};
use apollo_compiler::parser::Parser;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema, name};

use super::problem::Problem;

/// Whether fields unknown below the root are dropped or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    Lenient,
    Strict,
}

/// A document that may be executed.
#[derive(Debug)]
pub struct Admitted {
    pub document: Valid<ExecutableDocument>,
    /// What was taken out, as `Type.field`, in the order met.
    pub dropped: Vec<String>,
}

/// Nesting of a document: far more than any client needs, far less than the stack has.
const MAX_DEPTH: usize = 100;
const MAX_TOKENS: usize = 50_000;

/// Checks a document, dropping what `tolerance` lets it drop.
pub fn admit(
    schema: &Valid<Schema>,
    query: &str,
    variables: &JsonMap,
    tolerance: Tolerance,
) -> Result<Admitted, Problem> {
    let mut document = Parser::new()
        .recursion_limit(MAX_DEPTH)
        .token_limit(MAX_TOKENS)
        .parse_ast(query, "request.graphql")
        .map_err(|broken| refusal(&broken.errors, "Syntax Error"))?;
    let dropped = match tolerance {
        Tolerance::Strict => Vec::new(),
        Tolerance::Lenient => prune(&mut document, schema, variables),
    };
    let document = document
        .to_executable_validate(schema)
        .map_err(|broken| refusal(&broken.errors, "Invalid document"))?;
    Ok(Admitted { document, dropped })
}

fn refusal(errors: &DiagnosticList, what: &str) -> Problem {
    let first = errors.iter().next().map(|diagnostic| diagnostic.error.to_string());
    Problem::document(format!("{what}: {}", first.unwrap_or_default()))
}

/// Takes out what the schema does not know and nobody will miss; returns what that was.
fn prune(document: &mut Document, schema: &Valid<Schema>, variables: &JsonMap) -> Vec<String> {
    let before = Uses::of(document);
    let unknown_fragments = document
        .definitions
        .iter()
        .filter_map(Definition::as_fragment_definition)
        .filter(|fragment| !schema.types.contains_key(&fragment.type_condition))
        .map(|fragment| fragment.name.clone())
        .collect();
    let mut pruner = Pruner { schema, variables, unknown_fragments, dropped: Vec::new() };
    for definition in &mut document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
                if let Some(root) = schema.root_operation(operation.operation_type) {
                    let root = root.clone();
                    pruner.selections(&mut operation.make_mut().selection_set, &root);
                }
            }
            Definition::FragmentDefinition(fragment)
                if !pruner.unknown_fragments.contains(&fragment.name) =>
            {
                let on = fragment.type_condition.clone();
                pruner.selections(&mut fragment.make_mut().selection_set, &on);
            }
            _ => {}
        }
    }
    let Pruner { unknown_fragments, dropped, .. } = pruner;
    let after = Uses::of(document);
    document.definitions.retain_mut(|definition| match definition {
        Definition::FragmentDefinition(fragment) => {
            !unknown_fragments.contains(&fragment.name)
                && (after.fragments.contains(&fragment.name) || !before.fragments.contains(&fragment.name))
        }
        Definition::OperationDefinition(operation) => {
            operation.make_mut().variables.retain(|variable| {
                after.variables.contains(&variable.name) || !before.variables.contains(&variable.name)
            });
            true
        }
        _ => true,
    });
    dropped
}

struct Pruner<'a> {
    schema: &'a Valid<Schema>,
    variables: &'a JsonMap,
    unknown_fragments: HashSet<Name>,
    dropped: Vec<String>,
}

impl Pruner<'_> {
    fn selections(&mut self, selections: &mut Vec<Selection>, on: &Name) {
        let had_some = !selections.is_empty();
        selections.retain_mut(|selection| match selection {
            Selection::Field(field) => self.field(field, on),
            Selection::FragmentSpread(spread) => !self.unknown_fragments.contains(&spread.fragment_name),
            Selection::InlineFragment(inline) => {
                let on = inline.type_condition.as_ref().unwrap_or(on).clone();
                if !self.schema.types.contains_key(&on) {
                    self.dropped.push(format!("... on {on}"));
                    return false;
                }
                self.selections(&mut inline.make_mut().selection_set, &on);
                true
            }
        });
        if had_some && selections.is_empty() {
            // An object must be asked for something: its type is always known.
            selections.push(Selection::Field(Node::new(Field {
                alias: None,
                name: name!("__typename"),
                arguments: Vec::new(),
                directives: DirectiveList::new(),
                selection_set: Vec::new(),
            })));
        }
    }

    /// Whether the field stays.
    fn field(&mut self, field: &mut Node<Field>, on: &Name) -> bool {
        let Ok(definition) = self.schema.type_field(on, &field.name) else {
            let keep = field.name.starts_with("__") || self.is_root(on);
            if !keep {
                self.dropped.push(format!("{on}.{}", field.name));
            }
            return keep;
        };
        let inner = definition.ty.inner_named_type().clone();
        let field = field.make_mut();
        field.arguments.retain(|argument| {
            definition.argument_by_name(&argument.name).is_some() || self.has_value(argument)
        });
        self.selections(&mut field.selection_set, &inner);
        true
    }

    fn is_root(&self, on: &Name) -> bool {
        [OperationType::Query, OperationType::Mutation]
            .into_iter()
            .any(|operation| self.schema.root_operation(operation) == Some(on))
    }

    /// Whether an argument says anything: clients declare every argument they know and leave most variables unset.
    fn has_value(&self, argument: &Argument) -> bool {
        match argument.value.as_variable() {
            Some(variable) => self.variables.get(variable.as_str()).is_some_and(|value| !value.is_null()),
            None => true,
        }
    }
}

/// The fragments and variables that a document uses, as reached from its operations.
#[derive(Default)]
struct Uses {
    fragments: HashSet<Name>,
    variables: HashSet<Name>,
}

impl Uses {
    fn of(document: &Document) -> Self {
        let mut uses = Self::default();
        for operation in document.definitions.iter().filter_map(Definition::as_operation_definition) {
            uses.directives(&operation.directives);
            uses.selections(&operation.selection_set, document);
        }
        uses
    }

    fn selections(&mut self, selections: &[Selection], document: &Document) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments);
                    self.directives(&field.directives);
                    self.selections(&field.selection_set, document);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.selections(&inline.selection_set, document);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    if self.fragments.insert(spread.fragment_name.clone()) {
                        let fragments =
                            document.definitions.iter().filter_map(Definition::as_fragment_definition);
                        for fragment in fragments.filter(|fragment| fragment.name == spread.fragment_name) {
                            self.selections(&fragment.selection_set, document);
                        }
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &DirectiveList) {
        for directive in directives.iter() {
            self.arguments(&directive.arguments);
        }
    }

    fn arguments(&mut self, arguments: &[Node<Argument>]) {
        for argument in arguments {
            self.value(&argument.value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => {
                self.variables.insert(name.clone());
            }
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.iter().for_each(|(_, value)| self.value(value)),
            _ => {}
        }
    }
}
