//! What a query costs, by Linear's published rule: a property 0.1, an object 1, and a connection multiplies what is
//! asked of it by its page size (50 unless given). The sum is rounded up.

use std::collections::HashMap;

use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::JsonMap;
use apollo_compiler::{ExecutableDocument, Name};

use super::page::DEFAULT_PAGE;

/// The points of an operation with these variables.
pub fn cost(document: &ExecutableDocument, operation: &Operation, variables: &JsonMap) -> u64 {
    let mut meter = Meter { document, variables, fragments: HashMap::new() };
    let points = meter.selections(&operation.selection_set);
    // The root itself is free; a tenth of a point is not exact in binary, so an excess of less than that is noise.
    (points - 1e-6).ceil().max(1.0) as u64
}

struct Meter<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    /// A fragment costs the same wherever it is spread; counted once, nested ones cannot multiply the counting.
    fragments: HashMap<&'a Name, f64>,
}

impl<'a> Meter<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> f64 {
        set.selections.iter().map(|selection| self.selection(selection)).sum()
    }

    fn selection(&mut self, selection: &'a Selection) -> f64 {
        match selection {
            Selection::Field(field) => self.field(field),
            Selection::InlineFragment(inline) => self.selections(&inline.selection_set),
            Selection::FragmentSpread(spread) => {
                if let Some(known) = self.fragments.get(&spread.fragment_name) {
                    return *known;
                }
                let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else {
                    return 0.0;
                };
                let points = self.selections(&fragment.selection_set);
                self.fragments.insert(&spread.fragment_name, points);
                points
            }
        }
    }

    fn field(&mut self, field: &'a Field) -> f64 {
        if field.selection_set.is_empty() {
            return 0.1;
        }
        1.0 + self.page_size(field) * self.selections(&field.selection_set)
    }

    fn page_size(&self, field: &Field) -> f64 {
        let sizes = ["first", "last", "maxResults"];
        if !sizes.iter().any(|size| field.definition.argument_by_name(size).is_some()) {
            return 1.0;
        }
        sizes.iter().find_map(|size| self.number(field, size)).unwrap_or(f64::from(DEFAULT_PAGE))
    }

    fn number(&self, field: &Field, argument: &str) -> Option<f64> {
        let value = field.specified_argument_by_name(argument)?;
        match value.as_variable() {
            Some(variable) => self.variables.get(variable.as_str())?.as_f64(),
            None => value.to_f64(),
        }
    }
}
