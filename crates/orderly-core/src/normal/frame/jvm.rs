//! Java, Kotlin, Scala, Groovy: lambdas, proxies, generated accessors, mangled names.

use super::RawFrame;
use super::names::{CLOSURE, before, is_number, join, without_counter};
use super::path;

/// Behind these begins what was made at run time.
const GENERATED: [&str; 7] = ["$$", "$HibernateProxy", "$MockitoMock", "$ByteBuddy", "_$$", "/0x", "$CGLIB"];

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let place = match class(frame.module) {
        place if place.is_empty() => path::tail(&path::parts(frame.file)),
        place => place,
    };
    (place, function(frame.function))
}

fn class(name: &str) -> String {
    let name = before(name.trim(), &GENERATED);
    // `java.base/java.util.List`, `app//com.acme.Shop`.
    let name = name.rsplit('/').find(|part| !part.is_empty()).unwrap_or("");
    join(name.split(['.', '$']), part_of_class)
}

fn part_of_class(part: &str) -> Option<&str> {
    if is_number(part) || part == "Lambda" {
        return None;
    }
    let bare = without_counter(part);
    let made = matches!(bare, "Proxy" | "GeneratedMethodAccessor" | "GeneratedConstructorAccessor" | "proxy")
        || bare.ends_with("_closure");
    Some(if made { bare } else { part })
}

fn function(name: &str) -> String {
    let name = name.trim();
    if matches!(name, "<init>" | "<clinit>") {
        return name.to_owned();
    }
    // The path of a class in front of the method: `com.acme.Shop.total`.
    let (class_path, method) = match name.rsplit_once('.') {
        Some((class_path, method)) => (class(class_path), method),
        None => (String::new(), name),
    };
    let parts: Vec<&str> = method.split('$').map(unmangled).filter(|part| !part.is_empty()).collect();
    let is_closure = |part: &str| {
        matches!(without_counter(part), "lambda" | "anonfun" | CLOSURE) || part.starts_with("lambda-")
    };
    let closure = parts.iter().any(|part| is_closure(part));
    let alone = parts.iter().filter(|part| !is_number(part)).count() == 1;
    let named = parts.into_iter().filter(|part| {
        let helper = matches!(*part, "access" | "default" | "suspendImpl" | "CGLIB" | "null");
        !is_number(part) && !is_closure(part) && (alone || !helper)
    });
    let closure = closure.then_some(CLOSURE);
    join([class_path.as_str()].into_iter().chain(named).chain(closure), |part| {
        Some(part.trim_matches(['<', '>']))
    })
}

/// Kotlin adds seven characters to names whose types are inline classes.
fn unmangled(part: &str) -> &str {
    let mut part = part;
    while let Some((name, added)) = part.split_once('-') {
        let mangled = added == "impl"
            || added.len() == 7 && added.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if name.is_empty() || !mangled {
            break;
        }
        part = name;
    }
    part
}
