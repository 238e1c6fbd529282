//! Our GraphQL texts against the embedded tracker's schema, strictly: no unknown field, no unused variable.

use apollo_compiler::{ExecutableDocument, Schema};
use orderly_wire::linear::documents::{ALL, Page, Part, SlotShape, TrackedShape, tracked};

const SCHEMA: [&str; 3] = [
    include_str!("../../../orderly-local/src/tracker/schema/root.graphql"),
    include_str!("../../../orderly-local/src/tracker/schema/types.graphql"),
    include_str!("../../../orderly-local/src/tracker/schema/inputs.graphql"),
];

#[test]
fn every_text_is_valid_against_the_schema_of_the_tracker() {
    let schema = Schema::parse_and_validate(SCHEMA.concat(), "tracker.graphql").expect("the schema is valid");
    let slot = SlotShape { spellings: 4, soft: Part::Asked };
    let bare = SlotShape { spellings: 0, soft: Part::Left };
    let whole =
        TrackedShape { slots: vec![slot; 10], page: Page::Usual, own: Part::Asked, linked: Part::Asked };
    let wide = TrackedShape { slots: vec![slot], page: Page::Wide, own: Part::Left, linked: Part::Left };
    let least = TrackedShape { slots: vec![bare], page: Page::Usual, own: Part::Left, linked: Part::Left };
    let generated = [("tracked", tracked(&whole)), ("wide", tracked(&wide)), ("least", tracked(&least))];
    let fixed = ALL.map(|(name, text)| (name, text.to_owned()));
    for (name, text) in fixed.into_iter().chain(generated) {
        if let Err(errors) = ExecutableDocument::parse_and_validate(&schema, &text, name) {
            panic!("{name}: {}", errors.errors);
        }
    }
}
