//! C, C++, Objective-C, Swift, and whatever else is compiled: templates, parameters, anonymous namespaces, and what an
//! optimiser appends.

use super::RawFrame;
use super::names::{CLOSURE, before, is_number, join, outside};
use super::path;

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let function = function(frame.function);
    // A qualified name stands for itself; a plain one may exist in many files.
    let module = join(frame.module.split(['.', ':', '/', '\\', '$']), part);
    let place = match module {
        module if !module.is_empty() => module,
        _ if function.contains('.') => String::new(),
        _ => path::tail(&path::parts(without_position(frame.file))),
    };
    (place, function)
}

fn without_position(file: &str) -> &str {
    file.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':')
}

fn function(name: &str) -> String {
    let name = name.trim();
    let name = before(name, &["+0x", " + 0x", "@@", "@plt", " [clone", " (.", "[abi:"]);
    if let Some(name) = objective_c(name) {
        return join(name.split(' '), Some);
    }
    if name.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        return String::new();
    }
    let name = anonymous(name);
    let (name, operator) = operator(&name);
    let name = outside(&outside(&name, '<', '>'), '(', ')');
    let name = outside(&outside(&name, '[', ']'), '{', '}');
    // What follows the parameters (`const`), then what stands before the name (`void`, `static int`).
    let name = name.trim_end();
    let name =
        [" const", " volatile", " noexcept", "&"].iter().fold(name, |name, word| name.trim_end_matches(word));
    let name = name.rsplit([' ', '*', '&']).find(|part| !part.is_empty()).unwrap_or("");
    let name = if operator.is_empty() { name.to_owned() } else { [name, "::", operator].concat() };
    join(name.split([':', '.']), part)
}

/// `operator<<` and its like hold brackets that open nothing: the name before, and a word for the operator.
fn operator(name: &str) -> (String, &'static str) {
    const NAMES: [(&str, &str); 12] = [
        ("operator()", "operator_call"),
        ("operator[]", "operator_index"),
        ("operator<=>", "operator_compare"),
        ("operator<<", "operator_left"),
        ("operator>>", "operator_right"),
        ("operator->", "operator_arrow"),
        ("operator<", "operator_less"),
        ("operator>", "operator_greater"),
        ("operator new", "operator_new"),
        ("operator delete", "operator_delete"),
        ("operator==", "operator_equal"),
        ("operator=", "operator_assign"),
    ];
    let found = NAMES.iter().find_map(|(symbol, word)| Some((name.find(symbol)?, *word)));
    match found {
        Some((at, word)) if !name[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
            (name[..at].trim_end_matches(':').to_owned(), word)
        }
        _ => (name.to_owned(), ""),
    }
}

/// Four compilers' words for what has no name.
fn anonymous(name: &str) -> String {
    const WORDS: [(&str, &str); 9] = [
        ("(anonymous namespace)", "anonymous"),
        ("`anonymous namespace'", "anonymous"),
        ("`anonymous-namespace'", "anonymous"),
        ("{anonymous}", "anonymous"),
        ("<unnamed>", "anonymous"),
        ("'lambda'", "closure"),
        ("{lambda", "closure{"),
        ("<lambda", "closure<"),
        ("$_", "closure."),
    ];
    WORDS.iter().fold(
        name.to_owned(),
        |name, (from, to)| if name.contains(from) { name.replace(from, to) } else { name },
    )
}

/// `-[Cart total:]`, also within the name of a block.
fn objective_c(name: &str) -> Option<String> {
    let at = name.find("-[").or_else(|| name.find("+["))?;
    let leading = name[..at].bytes().all(|b| b == b'_' || b.is_ascii_digit());
    let (inside, _) = name[at + 2..].split_once(']')?;
    (leading && inside.contains(' ')).then(|| outside(inside, '(', ')'))
}

fn part(part: &str) -> Option<&str> {
    let part = part.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '~')));
    // Inline namespaces of standard libraries, and what an optimiser appends.
    let added = matches!(
        part,
        "__1"
            | "__cxx11"
            | "__ndk1"
            | "cold"
            | "part"
            | "constprop"
            | "isra"
            | "lto_priv"
            | "llvm"
            | "clone"
            | "str"
            | "anonymous"
    );
    if added || is_number(part) {
        return None;
    }
    Some(if part.starts_with(CLOSURE) && is_number(&part[CLOSURE.len()..]) { CLOSURE } else { part })
}
