//! Checks that tell a number from a card and a word from a key.

/// Luhn's checksum over 13 to 19 digits, as payment cards carry it (ISO/IEC 7812-1).
pub fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if !(13..=19).contains(&digits.len()) || digits.iter().all(|d| *d == digits[0]) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The mod-97 checksum of an IBAN (ISO 13616).
pub fn is_iban(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    if !(15..=34).contains(&letters.len()) {
        return false;
    }
    let remainder = letters[4..].iter().chain(&letters[..4]).try_fold(0_u32, |rest, c| {
        let value = c.to_digit(36)?;
        let shift = if value > 9 { 100 } else { 10 };
        Some((rest * shift + value) % 97)
    });
    remainder == Some(1)
}

/// Whether a long run of characters is more likely a key than a name: upper case, lower case and at least three
/// digits, and close to random (Shannon entropy of 3.6 bits a character or more).
pub fn is_random(text: &str) -> bool {
    let count = |f: fn(char) -> bool| text.chars().filter(|c| f(*c)).count();
    let mixed = count(|c| c.is_ascii_uppercase()) > 1
        && count(|c| c.is_ascii_lowercase()) > 1
        && count(|c| c.is_ascii_digit()) > 2;
    mixed && entropy(text) >= 3.6
}

/// Hexadecimal that is neither a plain number nor a plain word.
pub fn is_hash(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether what follows `token:` looks like a value and not like the next word of a sentence.
pub fn is_value(text: &str) -> bool {
    let value = text.trim_matches(['"', '\'']);
    value.len() >= 6 && value.bytes().any(|b| b.is_ascii_digit())
}

fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0_u32) += 1;
    }
    let total = f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
    counts.values().map(|n| f64::from(*n) / total).map(|p| -p * p.log2()).sum()
}
