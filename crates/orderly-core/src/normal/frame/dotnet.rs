//! .NET: state machines of async methods, display classes of lambdas, arity marks, parameters.

use super::RawFrame;
use super::names::{CLOSURE, before, is_number, join, outside};
use super::path;

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let place = match name(frame.module) {
        place if place.is_empty() && !frame.function.contains('.') => path::tail(&path::parts(frame.file)),
        place => place,
    };
    (place, name(frame.function))
}

fn name(name: &str) -> String {
    let name = before(name.trim(), &["("]);
    let name = outside(name, '[', ']');
    let mut parts: Vec<&str> = Vec::new();
    let mut closure = false;
    for part in name.split(['.', '+', '/', ' ']) {
        match generated(part) {
            Generated::No(part) => parts.push(part),
            Generated::StateMachine(of) => parts.push(of),
            Generated::Lambda(of) => {
                parts.push(of);
                closure = true;
            }
            Generated::Local(of, function) => parts.extend([of, function]),
            Generated::Carrier => {}
        }
    }
    // The method that steps through an async method carries no name of its own.
    if parts.len() > 1 {
        parts.retain(|part| !matches!(*part, "MoveNext" | "lambda_method"));
    }
    let closure = closure.then_some(CLOSURE);
    join(parts.into_iter().chain(closure), |part| {
        let part = part.split('`').next().unwrap_or(part);
        let part = part.trim_matches(['<', '>']);
        let bare =
            part.strip_prefix("lambda_method").filter(|counter| is_number(counter)).map(|_| "lambda_method");
        Some(bare.unwrap_or(part)).filter(|part| !is_number(part))
    })
}

/// What the compiler made of a part of a name.
enum Generated<'a> {
    No(&'a str),
    /// `<TotalAsync>d__12`.
    StateMachine(&'a str),
    /// `<Total>b__0_1`.
    Lambda(&'a str),
    /// `<Total>g__Round|3_0`.
    Local(&'a str, &'a str),
    /// `<>c__DisplayClass5_0`: carries the variables of lambdas.
    Carrier,
}

fn generated(part: &str) -> Generated<'_> {
    let Some((of, made)) = part.strip_prefix('<').and_then(|inside| inside.split_once('>')) else {
        return Generated::No(part);
    };
    if of.is_empty() {
        return Generated::Carrier;
    }
    if let Some(local) = made.strip_prefix("g__") {
        return Generated::Local(of, local.split('|').next().unwrap_or(local));
    }
    if made.starts_with("b__") { Generated::Lambda(of) } else { Generated::StateMachine(of) }
}
