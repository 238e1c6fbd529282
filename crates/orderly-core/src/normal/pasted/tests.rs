use super::find;
use super::line::{self, LONGEST_LINE, Line};
use crate::normal::frame::{RawFrame, normal};
use crate::normal::platform::Platform;
use proptest::prelude::*;

/// Platform, what was thrown, frames from the crash outwards.
fn seen(text: &str) -> Vec<(Platform, String, Vec<String>)> {
    find(text)
        .into_iter()
        .map(|trace| {
            let thrown = trace.thrown.map_or_else(String::new, |t| format!("{}|{}", t.kind, t.message));
            (trace.platform, thrown, trace.frames.iter().map(ToString::to_string).collect())
        })
        .collect()
}

fn one(text: &str, platform: Platform, thrown: &str, frames: &[&str]) {
    let frames = frames.iter().map(|frame| (*frame).to_owned()).collect();
    assert_eq!(seen(text), [(platform, thrown.to_owned(), frames)], "{text}");
}

#[test]
fn a_python_traceback_is_turned_to_the_crash_frame_first() {
    let text = "It fails since noon:\n\n```\nTraceback (most recent call last):\n  File \"/srv/shop/api.py\", line 7, in pay\n    cart.total()\n  File \"/srv/shop/cart.py\", line 12, in total\n    return self.price\nAttributeError: no 'price'\n```\nplease look";
    one(text, Platform::Python, "AttributeError|no 'price'", &["srv.shop.cart.total", "srv.shop.api.pay"]);
}

#[test]
fn a_java_trace_with_a_cause_is_two() {
    let text = "> Exception in thread \"main\" com.acme.PayException: failed\n> \tat com.acme.Pay.run(Pay.java:7)\n> \tat com.acme.Main.main(Main.java:3)\n> Caused by: java.lang.NullPointerException\n> \tat com.acme.Cart.lambda$total$0(Cart.java:12)\n> \t... 2 more";
    assert_eq!(
        seen(text),
        [
            (
                Platform::Jvm,
                "com.acme.PayException|failed".to_owned(),
                vec!["com.acme.Pay.run".to_owned(), "com.acme.Main.main".to_owned()]
            ),
            (
                Platform::Jvm,
                "java.lang.NullPointerException|".to_owned(),
                vec!["com.acme.Cart.total.closure".to_owned()]
            ),
        ]
    );
}

#[test]
fn a_trace_of_v8_and_one_of_firefox_name_the_same_frames() {
    let frames = ["src.cart.total", "src.api.pay"];
    let v8 = "TypeError: x is undefined\n    at total (https://shop.example/src/cart.js:12:5)\n    at async pay (https://shop.example/src/api.js:7:1)";
    let firefox = "TypeError: x is undefined\ntotal@https://shop.example/src/cart.js:12:5\npay@https://shop.example/src/api.js:7:1";
    one(v8, Platform::JavaScript, "TypeError|x is undefined", &frames);
    one(firefox, Platform::JavaScript, "TypeError|x is undefined", &frames);
}

#[test]
fn a_go_panic_has_its_files_on_lines_of_their_own() {
    let text = "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\ngithub.com/acme/shop.(*Cart).Total(0xc000012345, 0x2)\n\t/srv/shop/cart.go:12 +0x1d\nmain.main()\n\t/srv/shop/main.go:7 +0x20";
    let traces = seen(text);
    assert_eq!(traces.len(), 1);
    assert_eq!(traces[0].2, ["github.com.acme.shop.Cart.Total", "main.main"]);
}

#[test]
fn a_rust_backtrace_has_its_files_on_lines_of_their_own() {
    let text = "thread 'main' panicked at 'no price', src/cart.rs:12:5\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:5:5\n   1: shop::cart::total::{{closure}}\n             at ./src/cart.rs:12:5\n   2: shop::main";
    let traces = seen(text);
    assert_eq!(traces.len(), 1);
    assert_eq!(traces[0].0, Platform::Rust);
    assert_eq!(traces[0].1, "panic|'no price', src/cart.rs:12:5");
    assert_eq!(traces[0].2[1..], ["shop.cart.total.closure", "shop.main"]);
}

#[test]
fn ruby_php_dotnet_and_native_traces_are_seen() {
    one(
        "/srv/shop/cart.rb:12:in `total': no price (NoMethodError)\n\tfrom /srv/shop/api.rb:7:in `block in pay'\n",
        Platform::Ruby,
        "",
        &["srv.shop.cart.total", "srv.shop.api.pay"],
    );
    one(
        "PHP Fatal error:  Uncaught TypeError: no price in /srv/Cart.php:12\nStack trace:\n#0 /srv/Api.php(7): Shop\\Cart->total()\n#1 {main}\n",
        Platform::Php,
        "TypeError|no price in /srv/Cart.php:12",
        &["Shop.Cart.total"],
    );
    one(
        "System.NullReferenceException: no price\n   at Shop.Cart.<TotalAsync>d__1.MoveNext() in C:\\shop\\Cart.cs:line 12\n   at Shop.Api.Pay(Int32 id)\n",
        Platform::DotNet,
        "System.NullReferenceException|no price",
        &["Shop.Cart.TotalAsync", "Shop.Api.Pay"],
    );
    one(
        "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n    #0 0x55a in shop::Cart::total(int) /srv/cart.cpp:12:5\n    #1 0x55b in main /srv/main.cpp:7:1\n",
        Platform::Native,
        "heap-use-after-free|on address 0x1",
        &["shop.Cart.total", "srv.main.main"],
    );
}

#[test]
fn prose_is_no_trace() {
    let text = "The cart is wrong: at checkout (see https://shop.example) the total is off.\n1. open the cart\n2: pay\n#1 priority\nError: none of these\nmeet me at noon";
    assert_eq!(seen(text), []);
}

#[test]
fn a_pasted_frame_equals_the_frame_of_the_event() {
    let pasted =
        &find("\tat com.acme.Cart.total(Cart.java:12)\n\tat com.acme.Api.pay(Api.java:7)")[0].frames[0];
    let event = RawFrame { function: "total", module: "com.acme.Cart", file: "Cart.java" };
    assert_eq!(*pasted, normal(Platform::Jvm, &event));
}

#[test]
fn a_text_is_read_once_however_long_and_whatever_its_lines_promise() {
    // Read anew from each line on, these would keep the test busy for minutes.
    for line in
        ["at a.b(", "File \"a\", line 1", "#0 0x1 in ", "> > ", "a.b(0x1)\n", "0: a::b\n", "x.rb:1:in '\n"]
    {
        find(&line.repeat(300_000 / line.len()));
        find(&[line, "\n"].concat().repeat(300_000 / line.len()));
    }
}

proptest! {
    // What is longer was not printed as a line of a trace. So the time for a line is bounded.
    #[test]
    fn a_line_that_is_too_long_is_not_looked_at(begin in "(at |File \"|#[0-9] |[0-9]: |from |Error: )?[a-z.:/()@\"' 0-9]{1,24}") {
        let line: String = begin.chars().cycle().take(LONGEST_LINE + 1).collect();
        prop_assert_eq!(line::read(&line, None), Line::Other);
    }

    #[test]
    fn any_text_can_be_read(lines in prop::collection::vec("(at |File \"|#[0-9] |[0-9]: |from )?[a-z.:/()@\"' 0-9é]{0,24}", 0..12)) {
        let text = lines.join("\n");
        for trace in find(&text) {
            prop_assert!(!trace.frames.is_empty());
        }
    }
}
