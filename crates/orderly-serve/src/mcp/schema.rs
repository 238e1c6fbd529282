//! Schemas of arguments, cut to what an agent reads: every word of them costs tokens in every conversation.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a type, without what says nothing to its reader.
pub(super) fn of<T: JsonSchema>() -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(root) = &mut schema {
        // The description of the arguments is the tool's own.
        root.remove("description");
    }
    trim(&mut schema);
    match schema {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
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
