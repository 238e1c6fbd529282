//! PHP: closures, anonymous classes, and the two arrows of a method.

use super::RawFrame;
use super::names::{CLOSURE, before, join};
use super::path;

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let function = function(frame.function);
    let module = class(frame.module);
    let place = match module {
        module if !module.is_empty() => module,
        _ if function.contains('.') => String::new(),
        _ => file(frame.file),
    };
    (place, function)
}

fn file(file: &str) -> String {
    let parts = path::parts(file);
    match parts.iter().rposition(|part| *part == "vendor") {
        Some(at) if at + 1 < parts.len() => path::name(&parts[at + 1..]),
        _ => path::tail(&parts),
    }
}

fn class(name: &str) -> String {
    // `class@anonymous` is followed by the file and a counter.
    let name = before(name.trim(), &["@anonymous"]);
    join(name.split(['\\', ':', '.']), Some)
}

fn function(name: &str) -> String {
    let name = name.trim();
    let name = match name.split_once("{closure") {
        // `{closure:Shop\Cart::total():12}` names what it stands in.
        Some((_, within)) if within.starts_with(':') => {
            let within = within.trim_start_matches(':').trim_end_matches('}');
            let within = within.split("()").next().unwrap_or(within);
            [within, "::closure"].concat()
        }
        Some((around, _)) => [around, "closure"].concat(),
        None => before(name, &["("]).to_owned(),
    };
    let name = name.replace("->", "::");
    let name = if name.contains("@anonymous") { anonymous(&name) } else { name };
    join(name.split(['\\', ':', '.']), |part| match part.trim_matches(['{', '}', '(', ')']) {
        CLOSURE => Some(CLOSURE),
        part => Some(part),
    })
}

fn anonymous(name: &str) -> String {
    let class = before(name, &["@anonymous"]);
    let method = name.rsplit_once("::").map_or("", |(_, method)| method);
    let method = if method.contains(['/', '@', '$']) { "" } else { method };
    [class.trim_start_matches("@anonymous"), "::", method].concat()
}
