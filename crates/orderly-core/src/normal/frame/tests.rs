use super::{LONGEST, RawFrame, normal, stack};
use crate::normal::platform::Platform::{self, DotNet, Go, JavaScript, Jvm, Native, Php, Python, Ruby, Rust};
use proptest::prelude::*;

fn form(platform: Platform, function: &str, module: &str, file: &str) -> String {
    normal(platform, &RawFrame { function, module, file }).to_string()
}

#[test]
fn rust_frames_lose_hashes_generics_and_counters() {
    for (function, expected) in [
        ("shop::cart::total::h0123456789abcdef", "shop.cart.total"),
        ("shop::cart::total::{{closure}}::h0123456789abcdef", "shop.cart.total.closure"),
        ("shop::cart::total::{closure#0}::{closure#1}", "shop.cart.total.closure"),
        ("shop::cart::total::{async_fn#0}", "shop.cart.total.closure"),
        ("shop[1a2b3c4d]::cart::Cart<T>::total", "shop.cart.Cart.total"),
        ("<shop::Cart<alloc::vec::Vec<u8>> as core::fmt::Display>::fmt", "shop.Cart.fmt"),
        ("alloc::vec::Vec<T,A>::push.llvm.1234567", "alloc.vec.Vec.push"),
        ("[inlined] shop::cart::total", "shop.cart.total"),
    ] {
        assert_eq!(form(Rust, function, "", ""), expected, "{function}");
        assert_eq!(form(Native, function, "", "/srv/src/cart.rs"), expected, "{function}");
    }
}

#[test]
fn script_frames_lose_bundles_hashes_and_ways_of_calling() {
    for (function, file, expected) in [
        ("Cart.total", "webpack:///./src/cart.js?a1b2", "src.cart.Cart.total"),
        ("Object.total", "webpack-internal:///./src/cart.ts", "src.cart.total"),
        ("new Cart", "https://cdn.example/assets/index-DxY3k2_a.js", "assets.index.Cart"),
        ("<anonymous>", "app:///static/main.3f2a9c81.chunk.js", "static.main.chunk"),
        ("async total$1", "/srv/shop/src/cart.js", "shop.src.cart.total"),
        ("total/<", "http://localhost:3000/src/cart.js", "src.cart.total"),
        ("parse", "/srv/node_modules/.pnpm/x@1.2.3/node_modules/@acme/x/parse.js", "@acme.x.parse.parse"),
        ("Cart.total [as pay]", "", "Cart.total"),
    ] {
        assert_eq!(form(JavaScript, function, "", file), expected, "{function} {file}");
    }
}

#[test]
fn python_frames_are_named_by_their_module_however_it_is_said() {
    let expected = "shop.cart.Cart.total";
    assert_eq!(form(Python, "Cart.total", "shop.cart", ""), expected);
    assert_eq!(form(Python, "Cart.total", "", "/usr/lib/python3.11/site-packages/shop/cart.py"), expected);
    assert_eq!(form(Python, "Cart.total.<locals>.<lambda>", "shop.cart", ""), "shop.cart.Cart.total.closure");
    assert_eq!(form(Python, "<module>", "", "/tmp/ipykernel_12/345.py"), "ipython-input");
    assert_eq!(form(Python, "f", "", "<frozen importlib._bootstrap>"), "importlib._bootstrap.f");
    assert_eq!(form(Python, "f", "", "shop/__init__.py"), "shop.f");
}

#[test]
fn jvm_frames_lose_lambdas_proxies_and_counters() {
    for (function, module, expected) in [
        ("total", "com.acme.Cart", "com.acme.Cart.total"),
        ("lambda$total$0", "com.acme.Cart", "com.acme.Cart.total.closure"),
        ("lambda$total$17", "com.acme.Cart", "com.acme.Cart.total.closure"),
        ("accept", "com.acme.Cart$$Lambda$14/0x0000000800066840", "com.acme.Cart.accept"),
        ("total", "com.acme.Cart$$EnhancerBySpringCGLIB$$1a2b3c", "com.acme.Cart.total"),
        ("total", "jdk.proxy2.$Proxy45", "jdk.proxy.Proxy.total"),
        (
            "invoke",
            "jdk.internal.reflect.GeneratedMethodAccessor12",
            "jdk.internal.reflect.GeneratedMethodAccessor.invoke",
        ),
        ("run", "com.acme.Cart$1", "com.acme.Cart.run"),
        ("access$000", "com.acme.Cart", "com.acme.Cart.access"),
        ("total$default", "com.acme.CartKt", "com.acme.CartKt.total"),
        ("total-VKZWuLQ", "com.acme.Cart", "com.acme.Cart.total"),
        ("get", "java.base/java.util.ArrayList", "java.util.ArrayList.get"),
        ("<init>", "com.acme.Cart", "com.acme.Cart.<init>"),
    ] {
        assert_eq!(form(Jvm, function, module, "Cart.java"), expected, "{module} {function}");
    }
}

#[test]
fn go_frames_lose_receivers_marks_closures_and_versions() {
    let expected = "github.com.acme.shop.Cart.Total";
    assert_eq!(form(Go, "github.com/acme/shop.(*Cart).Total", "", ""), expected);
    assert_eq!(form(Go, "(*Cart).Total", "github.com/acme/shop", ""), expected);
    assert_eq!(form(Go, "github.com/acme/shop/v2.(*Cart[...]).Total-fm", "", ""), expected);
    assert_eq!(
        form(Go, "github.com/acme/shop.Cart.Total.func1.2", "", ""),
        "github.com.acme.shop.Cart.Total.closure"
    );
    assert_eq!(form(Go, "main.main", "", ""), "main.main");
}

#[test]
fn ruby_frames_lose_blocks_and_versions_of_gems() {
    let file = "/usr/local/bundle/gems/rails-7.0.1/lib/cart.rb";
    assert_eq!(form(Ruby, "block (2 levels) in total", "", file), "rails.lib.cart.total");
    assert_eq!(form(Ruby, "Cart#total", "", "/srv/app/models/cart.rb"), "app.models.cart.Cart.total");
    assert_eq!(form(Ruby, "<main>", "", "cart.rb"), "cart");
}

#[test]
fn php_frames_lose_arrows_closures_and_anonymous_classes() {
    assert_eq!(form(Php, "Shop\\Cart->total", "", ""), "Shop.Cart.total");
    assert_eq!(form(Php, "Shop\\Cart::Shop\\{closure}", "", ""), "Shop.Cart.Shop.closure");
    assert_eq!(form(Php, "{closure:Shop\\Cart::total():12}", "", ""), "Shop.Cart.total.closure");
    assert_eq!(form(Php, "total", "", "/srv/vendor/acme/shop/src/Cart.php"), "acme.shop.src.Cart.total");
}

#[test]
fn dotnet_frames_lose_state_machines_display_classes_and_parameters() {
    for (function, expected) in [
        ("Shop.Cart.<TotalAsync>d__12.MoveNext()", "Shop.Cart.TotalAsync"),
        ("Shop.Cart.<>c__DisplayClass5_0.<Total>b__0(Item i)", "Shop.Cart.Total.closure"),
        ("Shop.Cart.<Total>g__Round|3_0(Decimal d)", "Shop.Cart.Total.Round"),
        ("Shop.Repository`1.Find[T](Int32 id)", "Shop.Repository.Find"),
        ("Shop.Cart..ctor(String a)", "Shop.Cart.ctor"),
    ] {
        assert_eq!(form(DotNet, function, "", ""), expected, "{function}");
    }
}

#[test]
fn native_frames_lose_templates_parameters_and_what_an_optimiser_adds() {
    for (function, expected) in [
        ("void shop::Cart<int, std::vector<char> >::total<int>(int, char const*) const", "shop.Cart.total"),
        ("shop::(anonymous namespace)::total(int)", "shop.total"),
        ("total.cold.12", "total"),
        ("total.part.3.constprop.0", "total"),
        ("total(int) [clone .isra.0]", "total"),
        ("total.llvm.123456789", "total"),
        ("std::__1::basic_string<char>::append(char const*)", "std.basic_string.append"),
        ("shop::operator<<(std::ostream&, Cart const&)", "shop.operator_left"),
        ("shop::Cart::operator()(int) const", "shop.Cart.operator_call"),
        ("shop::run()::$_0::operator()() const", "shop.run.closure.operator_call"),
        ("shop::run()::{lambda(int)#1}::operator()(int) const", "shop.run.closure.operator_call"),
        ("-[Cart total:]", "Cart.total:"),
        ("__42-[Cart total:]_block_invoke_2", "Cart.total:"),
        ("malloc@@GLIBC_2.2.5", "malloc"),
        ("0x7ffe1234", ""),
    ] {
        assert_eq!(form(Native, function, "", ""), expected, "{function}");
    }
}

#[test]
fn a_frame_that_repeats_the_one_before_it_counts_once() {
    let frame = |function| RawFrame { function, module: "shop.cart", file: "" };
    let frames =
        stack(Python, [frame("walk"), frame("walk"), frame("walk"), RawFrame::default(), frame("total")]);
    let names: Vec<String> = frames.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["shop.cart.walk", "shop.cart.total"]);
}

#[test]
fn a_normal_frame_stays_as_it_is() {
    let table = [
        (Rust, "<shop::Cart<u8> as core::fmt::Display>::fmt", "", ""),
        (Rust, "shop::cart::total::{{closure}}::h0123456789abcdef", "", ""),
        (JavaScript, "async Cart.total$1", "", "webpack:///./src/main.3f2a9c81.js?a1"),
        (Python, "Cart.total.<locals>.<lambda>", "", "/usr/lib/python3.11/site-packages/shop/cart.py"),
        (Jvm, "lambda$total$0", "com.acme.Cart$$Lambda$14/0x0000000800066840", ""),
        (Go, "github.com/acme/shop/v2.(*Cart[...]).Total.func1.2", "", ""),
        (Ruby, "block (2 levels) in total", "", "/usr/local/bundle/gems/rails-7.0.1/lib/cart.rb"),
        (Php, "Shop\\Cart::Shop\\{closure}", "", ""),
        (DotNet, "Shop.Cart.<>c__DisplayClass5_0.<Total>b__0(Item i)", "", ""),
        (Native, "void shop::Cart<int>::total<int>(int, char const*) const", "", ""),
        (Native, "total.cold.12", "", "/srv/cart.cpp"),
    ];
    for (platform, function, module, file) in table {
        let once = normal(platform, &RawFrame { function, module, file });
        let again = normal(platform, &RawFrame { function: &once.function, module: &once.place, file: "" });
        assert_eq!(again, once, "{function}");
    }
}

/// Pieces of names of every platform.
fn name() -> impl Strategy<Value = String> {
    const PIECES: [&str; 46] = [
        "a",
        "Cart",
        "total",
        "12",
        "0",
        ".",
        "::",
        "/",
        "\\",
        "$",
        "$$",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "#",
        "@",
        " ",
        " in ",
        " as ",
        "->",
        "lambda",
        "{{closure}}",
        "closure",
        "func1",
        "Lambda",
        "access",
        "default",
        "operator",
        "<<",
        "operator<",
        "h0123456789abcdef",
        "-",
        "_",
        "3f2a9c81",
        ".js",
        ".py",
        "://",
        "cold",
        "async ",
        "anonymous",
        "é",
    ];
    prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_frame_has_a_normal_form_without_blanks(
        function in name(), module in name(), file in name(), platform in prop::sample::select(Platform::ALL.as_slice()),
    ) {
        let frame = normal(platform, &RawFrame { function: &function, module: &module, file: &file });
        prop_assert!(!frame.to_string().contains(char::is_whitespace));
        prop_assert!(frame.to_string().len() <= function.len() + module.len() + file.len() + 32);
    }

    // So the time for a frame is bounded, and that for a stack grows with the number of its frames.
    #[test]
    fn of_a_name_no_more_than_its_first_characters_is_read(
        name in name(), more in name(), platform in prop::sample::select(Platform::ALL.as_slice()),
    ) {
        let long: String = name.chars().chain("x.y".chars()).cycle().take(LONGEST).collect();
        let longer = [long.as_str(), &more, &long].concat();
        for [a, b] in [[RawFrame { function: &long, ..RawFrame::default() }, RawFrame { function: &longer, ..RawFrame::default() }],
            [RawFrame { module: &long, ..RawFrame::default() }, RawFrame { module: &longer, ..RawFrame::default() }],
            [RawFrame { file: &long, ..RawFrame::default() }, RawFrame { file: &longer, ..RawFrame::default() }]] {
            prop_assert_eq!(normal(platform, &a), normal(platform, &b));
        }
    }

    #[test]
    fn any_text_has_a_normal_form(
        function in any::<String>(), file in any::<String>(), platform in prop::sample::select(Platform::ALL.as_slice()),
    ) {
        normal(platform, &RawFrame { function: &function, module: &file, file: &file });
    }
}
