use crate::source::TrackedFiles;
use crate::source::function::{bare_names, definitions};

#[track_caller]
fn defined(file: &str, text: &str, name: &str) -> Vec<u32> {
    let files = TrackedFiles::of([file]);
    definitions(&files.tracked(file).unwrap(), text, name)
}

#[test]
fn a_definition_is_told_from_a_call_in_every_language() {
    let table: &[(&str, &str, &str, &[u32])] = &[
        ("a.rs", "total();\npub(crate) async fn total<T>() {}\n// fn total() {}\n", "total", &[2]),
        ("a.py", "total()\n    async def total(self):\n        self.total()\n", "total", &[2]),
        ("a.rb", "total\ndef self.total\ndef total=(x)\n", "total", &[2, 3]),
        ("a.go", "Total()\nfunc (c *Cart) Total() int {\nfunc Total[T any](x T) {\n", "Total", &[2, 3]),
        (
            "a.kt",
            "total()\nfun total() = 1\nfun Cart.total() = 2\nfun <T> total(x: T) {\n",
            "total",
            &[2, 3, 4],
        ),
        (
            "a.ts",
            "total(1);\nexport async function total() {\nconst total = async (x) => {\n  total(x) {\n  return total(y);\n",
            "total",
            &[2, 3, 4],
        ),
        (
            "a.js",
            "items.total(function () {\nthis.total = function () {\n  static total(x) {\n  if (total(x)) {\n",
            "total",
            &[2, 3],
        ),
        (
            "A.java",
            "    total(x);\n    public long total(Cart cart) throws X {\n    return total(x);\n    new total(x) {\n",
            "total",
            &[2],
        ),
        ("a.cs", "  var x = Total(1);\n  public async Task<int> Total(int x)\n  Total(x);\n", "Total", &[2]),
        ("a.cpp", "int Cart::total(int x) const {\n  return total(x);\n}\nint total(int);\n", "total", &[1]),
        ("a.php", "total();\nprivate function total()\n", "total", &[2]),
        ("a.swift", "total()\nfunc total() {\n", "total", &[2]),
        ("a.ex", "total(x)\ndefp total(x) do\n", "total", &[2]),
    ];
    for (file, text, name, lines) in table {
        assert_eq!(defined(file, text, name), *lines, "{file}");
    }
}

#[test]
fn a_function_is_searched_by_its_own_name() {
    let table = [
        ("app::cart::total::{{closure}}", "total"),
        ("app::cart::total::h0123456789abcdef", "total"),
        ("<app::Cart as app::Sum>::total", "total"),
        ("app::cart::total::<u64>", "total"),
        ("(*Cart).Total", "Total"),
        ("Total.func1", "Total"),
        ("lambda$total$0", "total"),
        ("block in Cart#total", "total"),
        ("Object.<anonymous>", "Object"),
        ("Cart::total(int, char const*)", "total"),
        ("int CartService.Total(Cart cart)", "Total"),
        ("App\\Models\\Cart::total", "total"),
    ];
    for (function, name) in table {
        assert_eq!(bare_names(function).first().map(String::as_str), Some(name), "{function}");
    }
    assert!(bare_names("<anonymous>").is_empty());
}
