//! Test, bench and release checks of the workspace: `cargo xtask COMMAND`.

mod layers;
mod run;
mod setup;
mod test;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask COMMAND

  test     install what the tests need, then formatting, lints, layers, licences and every test
  setup    install what the tests need: official clients, PostgreSQL, test runner
  layers   check that dependencies between crates point inwards
";

fn main() -> Result<()> {
    let command = std::env::args().nth(1);
    match command.as_deref() {
        Some("test") => test::everything(),
        Some("setup") => setup::everything(),
        Some("layers") => layers::check(),
        Some("help" | "--help" | "-h") => {
            run::say(USAGE);
            Ok(())
        }
        other => bail!(
            "{}\n\n{USAGE}",
            other.map_or("which command?".to_owned(), |name| format!("there is no command `{name}`"))
        ),
    }
}
