//! Files: without host, build directory, content hash and query.

use super::names::{is_hash, is_number, join};

/// The last parts of a path name a file well enough; what is in front differs from machine to machine.
const TAIL: usize = 3;

/// The parts of a path, without scheme, host, drive, query and `.`/`..`.
pub fn parts(path: &str) -> Vec<&str> {
    let path = path.trim();
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = match path.split_once("://") {
        // `webpack://shop/./src/a.js`, `https://cdn.example/a.js`: what stands first is no directory.
        Some((_, rest)) => rest.split_once(['/', '\\']).map_or(rest, |(_, path)| path),
        None => path,
    };
    let is_directory = |part: &&str| !matches!(*part, "" | "." | ".." | "~") && !part.ends_with(':');
    path.split(['/', '\\']).map(str::trim).filter(is_directory).collect()
}

/// The last parts of a path, each without content hashes, counters and the extension of the last.
pub fn tail(parts: &[&str]) -> String {
    let last = &parts[parts.len().saturating_sub(TAIL)..];
    name(last)
}

/// All parts as a name.
pub fn name(parts: &[&str]) -> String {
    let mut cleaned: Vec<String> = parts.iter().map(|part| without_hashes(part)).collect();
    if let Some(last) = cleaned.last_mut() {
        *last = without_extension(last).to_owned();
    }
    // What holds no letter or digit names nothing.
    join(cleaned.iter().map(String::as_str), |part| part.contains(char::is_alphanumeric).then_some(part))
}

/// `orders.py` is `orders`; so is `orders`, because a name that went through here once has no extension any more.
fn without_extension(name: &str) -> &str {
    const EXTENSIONS: [&str; 46] = [
        "asm", "bundle", "c", "cc", "cjs", "class", "coffee", "cpp", "cs", "cshtml", "cxx", "erb", "fs",
        "go", "groovy", "h", "haml", "hh", "hpp", "html", "hxx", "inc", "inl", "java", "js", "jsx", "kt",
        "kts", "m", "min", "mjs", "mm", "php", "py", "pyc", "pyx", "rb", "rs", "s", "scala", "slim",
        "svelte", "swift", "ts", "tsx", "vue",
    ];
    let mut name = name;
    while let Some((rest, extension)) = name.rsplit_once('.') {
        if rest.is_empty() || EXTENSIONS.binary_search(&extension).is_err() {
            break;
        }
        name = rest;
    }
    name
}

/// `main.3f2a9c81.chunk.js` is `main.chunk.js`, `index-DxY3k2_a.js` is `index.js`: a bundler names content by hash.
fn without_hashes(part: &str) -> String {
    let (mut kept, mut counted) = (Vec::new(), 0);
    for piece in part.split('.') {
        let whole = is_hash(piece) || is_number(piece);
        let piece = match piece.char_indices().rev().find(|(_, c)| matches!(c, '-' | '_')) {
            _ if whole => "",
            Some(_) => without_hash_at_end(piece),
            None => piece,
        };
        counted += usize::from(whole);
        if !piece.is_empty() {
            kept.push(piece);
        }
    }
    // A name that is nothing but a hash or number (a chunk) is at least a file.
    if kept.is_empty() && counted > 0 { String::from("chunk") } else { kept.join(".") }
}

/// Cuts `-<hash>` or `_<hash>` off; a hash in base 64 may hold both signs, and has eight characters.
fn without_hash_at_end(piece: &str) -> &str {
    let mut piece = piece;
    loop {
        let cut = piece.rfind(['-', '_']).filter(|at| *at > 0 && is_hash(&piece[at + 1..]));
        let cut = cut.or_else(|| {
            let at = piece.len().checked_sub(9).filter(|at| *at > 0 && piece.is_char_boundary(*at))?;
            (piece.as_bytes()[at] == b'-' && is_base64_hash(&piece[at + 1..])).then_some(at)
        });
        match cut {
            Some(at) => piece = &piece[..at],
            None => return piece,
        }
    }
}

/// Eight characters of mixed kinds; a word or a version is none.
fn is_base64_hash(text: &str) -> bool {
    let allowed = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let inner = text.bytes().skip(1);
    let upper = inner.clone().any(|b| b.is_ascii_uppercase());
    let odd = text.bytes().any(|b| b.is_ascii_digit() || b == b'_');
    let lower = inner.clone().any(|b| b.is_ascii_lowercase());
    let shouted = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) && odd;
    allowed && text.len() == 8 && ((upper && lower) || shouted)
}
