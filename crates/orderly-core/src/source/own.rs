//! Which frames are own code. SDKs guess it from names, and call more own than is: what the compiler put there, their own
//! hooks, and the code that tells of a panic after it.

use super::spell::{is_outside, rust_modules};
use crate::diagnose::{Frame, FrameOrigin};
use crate::normal::platform::Platform;
use crate::untrusted::Untrusted;

/// Crates that stand on the stack of every panic.
const OF_EVERY_PANIC: [&str; 6] = ["std", "core", "alloc", "backtrace", "sentry", "panic_unwind"];

/// Whose code a frame is, of which the SDK says `said`.
pub fn origin(frame: &Frame, platform: Platform, said: FrameOrigin) -> FrameOrigin {
    let text =
        |text: &Option<Untrusted<String>>| text.as_ref().map_or("", |text| text.as_raw_str()).to_owned();
    let (file, path) = (text(&frame.file), text(&frame.abs_path));
    let names = [file.as_str(), path.as_str()];
    let foreign = names.iter().any(|name| is_outside(name))
        || match platform {
            Platform::Rust | Platform::Native => {
                let nowhere = names.iter().all(|name| name.is_empty());
                of_the_runtime(frame.function.as_raw_str(), nowhere)
            }
            Platform::Go => recovers(frame),
            _ => false,
        };
    if foreign { FrameOrigin::Library } else { said }
}

/// Names that begin with two underscores belong to the compiler and the C library; a name without any module, in no file,
/// is what the linker put around `main`.
fn of_the_runtime(function: &str, nowhere: bool) -> bool {
    if function.starts_with("__") || nowhere && !function.contains("::") {
        return true;
    }
    let modules = rust_modules(function);
    let root = modules.first().map_or("", String::as_str);
    nowhere && (OF_EVERY_PANIC.contains(&root) || root.starts_with("sentry_"))
}

/// A deferred function that hands a panic on stands above the code that panicked.
fn recovers(frame: &Frame) -> bool {
    let line = frame.source_line().map_or("", |line| line.as_raw_str());
    [".Recover(", ".RecoverWithContext(", "recover()"].iter().any(|call| line.contains(call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::{Position, SourceLine};

    fn frame(function: &str, file: &str, line: &str) -> Frame {
        Frame {
            function: Untrusted::from(function),
            raw_function: None,
            module: None,
            package: None,
            file: None,
            abs_path: Some(Untrusted::from(file)).filter(|_| !file.is_empty()),
            position: Some(Position { line: 7, column: None }),
            origin: FrameOrigin::InApp,
            platform: None,
            context: vec![SourceLine { line: 7, text: Untrusted::from(line) }],
        }
    }

    #[test]
    fn what_the_compiler_the_sdk_and_a_recovering_function_add_is_no_own_code() {
        for (platform, function, file, line, own) in [
            (Platform::Native, "orders::highest::{{closure}}", "/srv/shop/orders/src/lib.rs", "", true),
            (Platform::Native, "rust_shop::main", "", "", true),
            (Platform::Rust, "sentry_tracing_own::run", "/srv/shop/src/run.rs", "", true),
            (Platform::Native, "unwrap<u64>", "/rustc/59807616e1/library/core/src/option.rs", "", false),
            (Platform::Native, "sentry_panic::panic_handler::{{closure}}", "", "", false),
            (
                Platform::Native,
                "<sentry_panic::PanicIntegration as sentry_core::Integration>::setup",
                "",
                "",
                false,
            ),
            (Platform::Native, "std::panicking::rust_panic_with_hook", "", "", false),
            (Platform::Native, "__libc_start_main_impl", "./csu/../csu/libc-start.c", "", false),
            (Platform::Native, "main", "", "", false),
            (Platform::Native, "main", "/srv/shop/main.c", "", true),
            (Platform::Go, "Average", "/srv/orders/orders.go", "\treturn sum / len(prices)", true),
            (Platform::Go, "main.func1", "/srv/main.go", "\tsentry.CurrentHub().Recover(failure)", false),
            (Platform::Python, "recover", "/srv/app.py", "    job.recover()", true),
        ] {
            let origin = origin(&frame(function, file, line), platform, FrameOrigin::InApp);
            assert_eq!(origin == FrameOrigin::InApp, own, "{function} in {file}");
        }
        let library = origin(&frame("a::b", "/srv/a.rs", ""), Platform::Rust, FrameOrigin::Library);
        assert_eq!(library, FrameOrigin::Library, "what the SDK calls foreign stays so");
    }
}
