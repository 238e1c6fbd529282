//! What one line of a pasted trace is.

use super::super::frame::RawFrame;
use super::super::platform::Platform;

/// Bytes of a line that is looked at.
pub const LONGEST_LINE: usize = 4_000;

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A frame.
    Frame {
        /// Whose form.
        platform: Platform,
        /// How frames of this form are ordered.
        order: Order,
        /// What it names.
        frame: RawFrame<'a>,
    },
    /// The file of the frame before (Go, Rust).
    FileOfFrame(&'a str),
    /// What was thrown.
    Head {
        /// Type; may be empty.
        kind: &'a str,
        /// Message; may be empty.
        message: &'a str,
    },
    /// The first line of a trace that says nothing else.
    Begins,
    /// Anything else.
    Other,
}

/// In which order a form lists its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The crash frame first.
    CrashFirst,
    /// The crash frame last.
    CrashLast,
}

/// What a line is, given the platform of the frames before it. The most telling forms are tried first.
pub fn read<'a>(line: &'a str, open: Option<Platform>) -> Line<'a> {
    if line.is_empty() || line.len() > LONGEST_LINE {
        return Line::Other;
    }
    if line.starts_with("Traceback (most recent call last)")
        || line.starts_with("goroutine ") && line.ends_with("]:")
    {
        return Line::Begins;
    }
    let forms = [python, php, numbered, at_line, ruby];
    if let Some(frame) = forms.iter().find_map(|form| form(line)) {
        return frame;
    }
    file_of_frame(line, open)
        .or_else(|| go(line))
        .or_else(|| firefox(line))
        .or_else(|| head(line))
        .unwrap_or(Line::Other)
}

const fn crash_first<'a>(platform: Platform, function: &'a str, module: &'a str, file: &'a str) -> Line<'a> {
    Line::Frame { platform, order: Order::CrashFirst, frame: RawFrame { function, module, file } }
}

/// `File "/srv/shop/orders.py", line 7, in total`.
fn python(line: &str) -> Option<Line<'_>> {
    let (file, rest) = line.strip_prefix("File \"")?.split_once("\", line ")?;
    let function = rest.split_once(", in ").map_or("", |(_, function)| function.trim());
    let frame = RawFrame { function, module: "", file };
    Some(Line::Frame { platform: Platform::Python, order: Order::CrashLast, frame })
}

/// `at ...`: Java, JavaScript, C#, and the second line of a Rust frame.
fn at_line(line: &str) -> Option<Line<'_>> {
    let rest = line.strip_prefix("at ")?.trim();
    if let Some((function, file)) = rest.split_once(") in ").or_else(|| rest.split_once(") [0x")) {
        return Some(crash_first(Platform::DotNet, function, "", without_position(file)));
    }
    let Some((name, inside)) = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) else {
        return if rest.ends_with(|c: char| c.is_ascii_digit()) && has_position(rest) {
            let file = without_position(rest);
            // Rust puts the file of a frame on a line of its own.
            Some(if file.ends_with(".rs") {
                Line::FileOfFrame(file)
            } else {
                crash_first(Platform::JavaScript, "", "", file)
            })
        } else {
            None
        };
    };
    let name = name.trim();
    let (file, _) = inside.split_once(':').unwrap_or((inside, ""));
    if matches!(inside, "Native Method" | "Unknown Source") || is_jvm_file(file) {
        let (class, method) = name.rsplit_once('.')?;
        let file = if is_jvm_file(file) { file } else { "" };
        return Some(crash_first(Platform::Jvm, method, class, file));
    }
    if has_position(inside) || matches!(inside, "<anonymous>" | "native" | "index 0") {
        return Some(crash_first(Platform::JavaScript, name, "", without_position(inside)));
    }
    // `at Shop.Cart.Total(Int32 id)`: no file, parameters in the brackets.
    let dotted = name.contains('.') && !name.contains(' ');
    dotted.then(|| crash_first(Platform::DotNet, name, "", ""))
}

fn is_jvm_file(file: &str) -> bool {
    [".java", ".kt", ".scala", ".groovy", ".clj"].iter().any(|extension| file.ends_with(extension))
}

/// `#0 /srv/shop/Cart.php(12): Shop\Cart->total()`.
fn php(line: &str) -> Option<Line<'_>> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some(function) = rest.strip_prefix("[internal function]: ") {
        return Some(crash_first(Platform::Php, function, "", ""));
    }
    let (place, function) = rest.split_once("): ")?;
    let (file, at) = place.rsplit_once('(')?;
    let is_line = !at.is_empty() && at.bytes().all(|b| b.is_ascii_digit());
    is_line.then(|| crash_first(Platform::Php, function, "", file))
}

/// `3: shop::cart::total` of Rust; `#1 0x7f in shop::total(int) /srv/cart.cpp:7:3` of sanitizers and debuggers;
/// `3   Shop   0x000000010 -[Cart total] + 12` of crash reports.
fn numbered(line: &str) -> Option<Line<'_>> {
    let hashed = line.strip_prefix('#');
    let text = hashed.unwrap_or(line);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 3 {
        return None;
    }
    let rest = &text[digits..];
    if hashed.is_some() {
        return debugger(rest);
    }
    if let Some(rest) = rest.strip_prefix(':') {
        let rest = rest.trim_start();
        let name = match rest.strip_prefix("0x").and_then(|rest| rest.split_once(" - ")) {
            Some((_, name)) => name,
            None => rest,
        };
        let rust =
            name.contains("::") && !name.contains(' ') || name.starts_with('<') && name.contains(" as ");
        let rust = rust || matches!(name, "main" | "_start" | "rust_begin_unwind" | "__libc_start_main");
        return rust.then(|| crash_first(Platform::Rust, name, "", ""));
    }
    // Columns of a crash report: image, address, symbol, offset.
    let mut columns = rest.split_whitespace();
    let (_image, address) = (columns.next()?, columns.next()?);
    if !address.starts_with("0x") {
        return None;
    }
    let symbol = rest[rest.find(address)? + address.len()..].trim();
    let symbol = symbol.rsplit_once(" + ").map_or(symbol, |(symbol, _)| symbol);
    (!symbol.is_empty()).then(|| crash_first(Platform::Native, symbol, "", ""))
}

fn debugger(rest: &str) -> Option<Line<'_>> {
    if !rest.starts_with(' ') {
        return None;
    }
    let rest = rest.trim_start();
    let (addressed, rest) = match rest.strip_prefix("0x").and_then(|rest| rest.split_once(" in ")) {
        Some((address, rest)) if address.bytes().all(|b| b.is_ascii_hexdigit()) => (true, rest),
        _ => (false, rest),
    };
    let (function, file) = match rest.split_once(" at ") {
        Some((function, file)) if has_position(file) || file.contains('.') => (function, file),
        _ => match rest.rsplit_once(' ') {
            Some((function, file))
                if file.contains(['/', '\\']) || file.starts_with('(') && file.contains('+') =>
            {
                (function, if file.starts_with('(') { "" } else { file })
            }
            _ => (rest, ""),
        },
    };
    // Without an address only parameters or a file tell a frame from a numbered remark.
    let is_frame = addressed || !file.is_empty() && function.contains('(');
    is_frame.then(|| crash_first(Platform::Native, function.trim(), "", without_position(file)))
}

/// `from /srv/shop/cart.rb:7:in 'Cart#total'`, or without `from`.
fn ruby(line: &str) -> Option<Line<'_>> {
    let place = line.strip_prefix("from ").unwrap_or(line);
    let (place, name) = place.split_once(":in ")?;
    let (file, number) = place.rsplit_once(':')?;
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let quoted = name.strip_prefix(['`', '\''])?;
    // The first line also says what was thrown, behind the closing quote; the frame is what repeats.
    let (function, _) = quoted.split_once('\'')?;
    Some(crash_first(Platform::Ruby, function, "", file))
}

/// The second line of a frame of Go: a tab, then `/srv/shop/cart.go:7 +0x1d`.
fn file_of_frame<'a>(line: &'a str, open: Option<Platform>) -> Option<Line<'a>> {
    if open != Some(Platform::Go) {
        return None;
    }
    let file = line.split(" +0x").next()?;
    (file.contains(".go:") && !file.contains(' ')).then(|| Line::FileOfFrame(without_position(file)))
}

/// `github.com/acme/shop.(*Cart).Total(0xc000012345, 0x2)`.
fn go(line: &str) -> Option<Line<'_>> {
    let line = line
        .strip_prefix("created by ")
        .map_or(line, |rest| rest.split(" in goroutine").next().unwrap_or(rest));
    let (name, arguments) = match line.strip_suffix(')').and_then(|l| Some((l.rfind('(')?, l))) {
        Some((at, rest)) => (&rest[..at], &rest[at + 1..]),
        None => return None,
    };
    let value = |text: &str| {
        let text = text.trim_matches([' ', '{', '}', '?']);
        text.is_empty() || text == "..." || text.starts_with("0x")
    };
    let package = name.split_once('.')?.0;
    let plain = !name.is_empty() && !name.contains(' ') && !package.is_empty();
    let goes = arguments.split(',').all(value)
        && (!arguments.is_empty() || name.contains('/') || name.starts_with("main."));
    (plain && goes).then(|| crash_first(Platform::Go, name, "", ""))
}

/// `total@https://shop.example/assets/cart.js:7:3`.
fn firefox(line: &str) -> Option<Line<'_>> {
    let (function, file) = line.split_once('@')?;
    let script = file.contains("://") || file.starts_with('/') || file.starts_with("webpack");
    let plain = !function.contains(' ');
    (script && plain && has_position(file))
        .then(|| crash_first(Platform::JavaScript, function, "", without_position(file)))
}

/// `java.lang.IllegalStateException: no price`, `Caused by: ...`, `panic: ...`, `thread 'main' panicked at ...`.
fn head(line: &str) -> Option<Line<'_>> {
    const LEADS: [&str; 6] = [
        "PHP Fatal error:  ",
        "Caused by: ",
        "Suppressed: ",
        "Exception in thread ",
        "Uncaught ",
        "Unhandled exception. ",
    ];
    let mut rest = line;
    for lead in LEADS {
        if let Some(behind) = rest.strip_prefix(lead) {
            rest = behind.trim_start();
            // The name of the thread is quoted.
            if let Some((_, behind)) = rest.strip_prefix('"').and_then(|named| named.split_once("\" ")) {
                rest = behind;
            }
        }
    }
    if let Some(message) = rest.strip_prefix("panic: ") {
        return Some(Line::Head { kind: "panic", message });
    }
    if rest.starts_with("thread '") && rest.contains("' panicked at ") {
        let (_, message) = rest.split_once("' panicked at ")?;
        return Some(Line::Head { kind: "panic", message });
    }
    if let Some((_, rest)) = line.split_once("ERROR: AddressSanitizer: ") {
        let (kind, message) = rest.split_once(' ').unwrap_or((rest, ""));
        return Some(Line::Head { kind, message });
    }
    let (kind, message) = rest.split_once(": ").unwrap_or((rest.trim_end_matches(':'), ""));
    let last = kind.rsplit(['.', ':', '\\', '$']).next().unwrap_or(kind);
    let name = !last.is_empty()
        && kind.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\' | '$'));
    let telling = ["Error", "Exception", "Warning", "Fault", "Interrupt", "Exit", "Throwable"];
    let named = telling.iter().any(|word| last.ends_with(word)) || line.starts_with("Caused by: ");
    let begins_upper = last.starts_with(|c: char| c.is_uppercase());
    (name && named && begins_upper).then_some(Line::Head { kind, message })
}

/// Whether a place ends in `:7` or `:7:3`.
fn has_position(place: &str) -> bool {
    without_position(place).len() < place.len()
}

/// A place without line and column: `cart.js:7:3`, `Cart.cs:line 7`.
fn without_position(place: &str) -> &str {
    let mut place = place.trim();
    for _ in 0..2 {
        match place.rsplit_once(':') {
            Some((file, number)) if !file.is_empty() => {
                let number = number.strip_prefix("line ").unwrap_or(number);
                if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                    break;
                }
                place = file;
            }
            _ => break,
        }
    }
    place
}
