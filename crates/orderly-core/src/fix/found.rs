//! What the names of a repository's files tell: which checks it has, and which files are tests.

use super::checks::Check;

/// Checks that a repository offers, from the names of its tracked files. Only what needs no network and writes nothing
/// but build output.
pub fn found_checks(tracked: &[String]) -> Vec<Check> {
    let has = |name: &str| tracked.iter().any(|path| path == name);
    let any = |wanted: &dyn Fn(&str) -> bool| tracked.iter().any(|path| wanted(path));
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    if has("Cargo.toml") {
        found.extend([check("cargo check --all-targets"), check("cargo test")]);
    }
    if has("tsconfig.json") {
        found.push(check("npx --no-install tsc --noEmit"));
    }
    let by_pytest = ["pytest.ini", "conftest.py", "tests/conftest.py"].iter().any(|name| has(name));
    if by_pytest {
        found.push(check("python3 -m pytest -q"));
    } else if any(&|path| base(path).starts_with("test_") && path.ends_with(".py")) {
        found.push(check("python3 -m unittest discover"));
    }
    if has("go.mod") {
        found.extend([check("go vet ./..."), check("go test ./...")]);
    }
    if has("pom.xml") {
        found.push(check("mvn -o -q test"));
    }
    if has("gradlew") {
        found.push(check("./gradlew --offline test"));
    }
    if has("Gemfile") && any(&|path| path.starts_with("spec/")) {
        found.push(check("bundle exec rspec"));
    }
    found
}

/// A check whose arguments hold no blanks.
fn check(words: &str) -> Check {
    Check { name: words.to_owned(), argv: words.split(' ').map(str::to_owned).collect() }
}

/// Whether a file holds tests, by the names that runners look for.
pub fn is_test(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let folder = parts.any(|part| matches!(part, "test" | "tests" | "__tests__" | "spec"));
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    folder
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || stem.ends_with("Test")
        || stem.ends_with("Tests")
        || file.contains(".test.")
        || file.contains(".spec.")
}
