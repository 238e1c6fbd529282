//! Go: receivers, closures by number, type arguments, module versions.

use super::RawFrame;
use super::names::{CLOSURE, is_number, join, outside, without_counter};

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let function = frame.function.trim();
    // `github.com/acme/shop/orders.(*Cart).Total.func1`: the package ends with the first point behind the last slash.
    let plain = outside(function, '[', ']');
    let (package, name) = match plain.rfind('/') {
        Some(slash) => match plain[slash..].find('.') {
            Some(point) => (&plain[..slash + point], &plain[slash + point + 1..]),
            None => (plain.as_str(), ""),
        },
        None => ("", plain.as_str()),
    };
    let module = if frame.module.trim().is_empty() { package } else { frame.module.trim() };
    (place(module), join(name.split('.'), part))
}

fn place(module: &str) -> String {
    join(module.split(['/', '.']), |part| {
        let part = part.split('@').next().unwrap_or(part);
        // `/v2` of a module's path, and the numbers of `@v1.2.3`.
        let version = part.strip_prefix('v').is_some_and(is_number) || is_number(part);
        (!version).then_some(part)
    })
}

fn part(part: &str) -> Option<&str> {
    let part = part.strip_suffix("-fm").unwrap_or(part);
    let part = part.trim_matches(['(', ')', '*']).trim_end_matches("-fm");
    match without_counter(part) {
        "func" | "gowrap" if part != "func" || part.is_empty() => Some(CLOSURE),
        "func" | "gowrap" => Some(CLOSURE),
        "" | "glob" => None,
        _ => Some(part),
    }
}
