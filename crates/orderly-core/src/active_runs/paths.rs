//! When two declared paths touch the same files.

/// Whether one path lies in the other, part by part. A pattern stands for the folder before its first part with a
/// wildcard, so that two patterns are rather held to overlap than not.
pub fn overlap(one: &str, other: &str) -> bool {
    let (one, other) = (fixed_parts(one), fixed_parts(other));
    one.iter().zip(&other).all(|(a, b)| a == b)
}

fn fixed_parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        .take_while(|part| !part.contains(['*', '?', '[', '{']))
        .collect()
}
