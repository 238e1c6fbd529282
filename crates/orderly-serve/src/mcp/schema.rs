//! Schemas of arguments, cut to what an agent reads: every word of them costs tokens in every conversation.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema of a type, without what says nothing to its reader.
pub(super) fn of<T: JsonSchema>() -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(root) = &mut schema {
        // The description of the arguments is the tool's own.
        root.remove("description");
        flatten(root);
    }
    trim(&mut schema);
    match schema {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

/// Arguments in variants become one list of arguments, as clients want it: those that all variants need are needed, and the
/// word that tells the variants apart may be any of theirs. Reading checks the rest.
fn flatten(root: &mut JsonObject) {
    let Some(Value::Array(variants)) = root.remove("oneOf") else { return };
    let mut properties = JsonObject::new();
    let mut needed: Option<Vec<Value>> = None;
    for variant in &variants {
        for (name, schema) in variant["properties"].as_object().into_iter().flatten() {
            match (schema.get("const"), properties.get_mut(name)) {
                (Some(word), Some(known)) => {
                    if let Some(words) = known["enum"].as_array_mut() {
                        words.push(word.clone());
                    }
                }
                (Some(word), None) => {
                    properties.insert(name.clone(), json!({"type": "string", "enum": [word]}));
                }
                (None, Some(_)) => {}
                (None, None) => {
                    properties.insert(name.clone(), schema.clone());
                }
            }
        }
        let own = variant["required"].as_array().cloned().unwrap_or_default();
        needed = Some(match needed {
            None => own,
            Some(before) => before.into_iter().filter(|name| own.contains(name)).collect(),
        });
    }
    root.insert("type".to_owned(), json!("object"));
    root.insert("properties".to_owned(), Value::Object(properties));
    root.insert("required".to_owned(), json!(needed.unwrap_or_default()));
    root.insert("additionalProperties".to_owned(), json!(false));
}

fn trim(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for name in ["title", "format", "minimum", "default"] {
                // A property may have such a name; a keyword holds no object.
                if object.get(name).is_some_and(|value| !value.is_object()) {
                    object.remove(name);
                }
            }
            // An argument that may be left out need not be null as well.
            if let Some(Value::Array(kinds)) = object.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(options)) = object.remove("anyOf") {
                let mut real = options.into_iter().filter(|option| option["type"] != "null");
                if let (Some(Value::Object(one)), None) = (real.next(), real.next()) {
                    object.extend(one);
                }
            }
            if let Some(Value::Array(options)) = object.remove("oneOf") {
                let words: Vec<Value> =
                    options.iter().filter_map(|option| option.get("const").cloned()).collect();
                object.insert("type".to_owned(), Value::from("string"));
                object.insert("enum".to_owned(), Value::Array(words));
                object.remove("description");
            }
            object.values_mut().for_each(trim);
        }
        Value::Array(items) => items.iter_mut().for_each(trim),
        _ => {}
    }
}
