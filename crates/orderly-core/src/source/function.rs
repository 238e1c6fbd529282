//! Where a text defines a function. By words and signs, not by a grammar: an answer is a hint that is checked against
//! other hints, and it must come for every language and for files that do not parse.

use super::files::RepoPath;

/// How a language begins the definition of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// After a word: `fn`, `def`, `func`, `function`, `fun`.
    Word(&'static [&'static str]),
    /// By its parameters and a body, or by being assigned one.
    Script,
    /// By its parameters and a body after a type.
    Braces,
}

fn style(path: &RepoPath) -> Style {
    match path.extension() {
        "rs" => Style::Word(&["fn"]),
        "py" | "pyi" | "ex" | "exs" => Style::Word(&["def", "defp", "defmacro"]),
        "rb" | "rake" => Style::Word(&["def", "def self."]),
        "go" | "swift" => Style::Word(&["func"]),
        "kt" | "kts" => Style::Word(&["fun"]),
        "scala" | "groovy" => Style::Word(&["def"]),
        "php" => Style::Word(&["function"]),
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => Style::Script,
        _ => Style::Braces,
    }
}

/// Lines, from 1, at which `name` (a bare name) is defined.
pub fn definitions(path: &RepoPath, text: &str, name: &str) -> Vec<u32> {
    if name.is_empty() || !text.contains(name) {
        return Vec::new();
    }
    let style = style(path);
    let lines = (1_u32..).zip(text.lines());
    lines
        .filter(|(_, line)| line.contains(name) && defines(style, line, name))
        .map(|(number, _)| number)
        .collect()
}

/// The definition that a line most likely belongs to: the last one at or before it.
pub fn enclosing(definitions: &[u32], line: u32) -> Option<u32> {
    definitions.iter().copied().filter(|start| *start <= line).max()
}

/// The bare names under which a frame's function may be defined, the innermost first: `Cart.total`, `(*Cart).Total`,
/// `app::cart::total::{{closure}}`, `block in User#name`, `Object.<anonymous>`.
pub fn bare_names(function: &str) -> Vec<String> {
    let generated = |name: &str| {
        matches!(
            name,
            "<anonymous>"
                | "anonymous"
                | "closure"
                | "{closure}"
                | "<lambda>"
                | "lambda"
                | "<module>"
                | "<main>"
                | "?"
                | "module"
                | "impl"
                | "invoke"
                | "invokeSuspend"
                | "func"
                | "new"
                | "async"
                | "fn"
                | "main_1"
        )
    };
    let name = function.rsplit(" in ").next().unwrap_or(function);
    let name = without_arguments(name);
    let parts = name.split(|c: char| !(c.is_alphanumeric() || "_?!=$".contains(c)));
    let simple = |part: &&str| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && !generated(part)
            && !is_counted(part)
            && !is_symbol_hash(part)
    };
    let mut names: Vec<String> =
        parts.flat_map(|part| part.split('$')).filter(simple).map(str::to_owned).collect();
    names.reverse();
    names.dedup();
    names.truncate(3);
    names
}

/// `Cart::total<T>(int)` without its types and its parameters. `(*Cart).Total` and `<Cart as Sum>::total` keep theirs.
fn without_arguments(name: &str) -> String {
    let name = match (name.strip_suffix(')'), name.rfind('(')) {
        (Some(_), Some(open)) if open > 0 => &name[..open],
        _ => name,
    };
    let (mut kept, mut depth) = (String::with_capacity(name.len()), 0_u32);
    for c in name.chars() {
        match c {
            '<' if depth > 0 || kept.ends_with(|c: char| c.is_alphanumeric() || c == ':') => depth += 1,
            '>' if depth > 0 => depth -= 1,
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// `func1`, `lambda2`: counted by a compiler.
fn is_counted(part: &str) -> bool {
    ["func", "lambda", "closure"].iter().any(|start| {
        part.strip_prefix(start)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    })
}

/// `h0123456789abcdef` at the end of a Rust symbol.
fn is_symbol_hash(part: &str) -> bool {
    part.len() == 17 && part.starts_with('h') && part[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

fn defines(style: Style, line: &str, name: &str) -> bool {
    let trimmed = line.trim_start();
    if ["//", "#", "*", "/*", "--"].iter().any(|mark| trimmed.starts_with(mark))
        && style != Style::Word(&["def"])
    {
        return false;
    }
    occurrences(line, name).any(|(before, after)| match style {
        Style::Word(words) => words.iter().any(|word| is_after_word(before, word)),
        Style::Script => in_script(before, after),
        Style::Braces => with_braces(before, after),
    })
}

/// What stands before and after each occurrence of a whole name.
fn occurrences<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    line.match_indices(name).filter_map(move |(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        let whole = !before.ends_with(part_of_name) && !after.starts_with(part_of_name);
        whole.then_some((before, after))
    })
}

/// `fn ` before the name; in Go and Kotlin a receiver may stand between: `func (c *Cart) `, `fun Cart.`.
fn is_after_word(before: &str, word: &str) -> bool {
    let before = before.trim_end_matches(['&', '`']);
    let ends_with_word = |text: &str| {
        text.strip_suffix(word).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let text = before.trim_end();
    if text.len() < before.len() || word.ends_with('.') {
        if ends_with_word(if word.ends_with('.') { before } else { text }) {
            return true;
        }
        if word == "func" && text.ends_with(')') {
            return text.rfind('(').is_some_and(|open| ends_with_word(text[..open].trim_end()));
        }
    }
    // `fun Cart.total`, `fun <T> total`, `def self.total`.
    let receiver = |c: char| c.is_alphanumeric() || "_.<>, ?".contains(c);
    match word {
        "fun" | "def" => text.find(&format!("{word} ")).is_some_and(|at| {
            let whole = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let between = &text[at + word.len() + 1..];
            whole && between.chars().all(receiver) && (between.ends_with('.') || between.ends_with('>'))
        }),
        _ => false,
    }
}

fn in_script(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim_end(), after.trim_start());
    let last =
        before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).next().unwrap_or_default();
    if matches!(last.trim_end_matches('*'), "function" | "class") {
        return true;
    }
    if matches!(last, "return" | "await" | "new" | "yield" | "typeof" | "throw" | "case") {
        return false;
    }
    if let Some(value) = after.strip_prefix(['=', ':']) {
        let value = value.trim_start().trim_start_matches("async ").trim_start();
        return value.starts_with("function")
            || value.starts_with('(')
                && (after.contains("=>") || after.ends_with('(') || after.ends_with(','))
            || value.contains("=>")
            || (value.starts_with("useCallback")
                || value.starts_with("React.")
                || value.starts_with("memo"));
    }
    // A method: parameters, and a body that begins on the line.
    let is_method = matches!(before.chars().last(), None | Some('{' | '}' | '*' | '#'))
        || matches!(
            last,
            "async" | "static" | "get" | "set" | "public" | "private" | "protected" | "override" | "readonly"
        );
    is_method && after.starts_with(['(', '<']) && (after.ends_with('{') || after.ends_with('('))
}

fn with_braces(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim_end(), after.trim_end());
    let last = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    if matches!(last, "return" | "new" | "throw" | "await" | "else" | "case" | "goto" | "in") {
        return false;
    }
    if matches!(last, "class" | "interface" | "record" | "enum" | "struct" | "object" | "trait") {
        return true;
    }
    let called =
        before.ends_with(['.', '(', ',', '=', '!', '+', '-', '|', '?', '{', '"']) || before.ends_with("&&");
    let body =
        !after.ends_with(';') && (after.ends_with(['{', ',', '(', ')', '}']) || after.contains(" throws "));
    let starts = !before.is_empty() || after.ends_with('{');
    starts && after.trim_start().starts_with(['(', '<']) && !called && body
}
