//! Configuration: defaults < `orderly.toml` < environment < flags.

pub mod channel;
pub mod duration;
pub mod file;
pub mod fix;
pub mod incident;
pub mod mitigation;
#[cfg(test)]
pub mod reference;
pub mod secret;
mod settings;
#[cfg(test)]
mod tests;
pub mod triage;
pub mod typo;

pub use settings::{LedgerPlace, Overrides, Settings};

use crate::failure::{Failure, Kind};
use std::path::{Path, PathBuf};

/// Name of the configuration file.
pub const FILE_NAME: &str = "orderly.toml";

/// The configuration as found: the settings, and where they came from.
#[derive(Debug)]
pub struct Config {
    /// Resolved settings.
    pub settings: Settings,
    /// The file, if there is one.
    pub path: Option<PathBuf>,
    /// Folder of the file, or the current one: everything of the project is relative to it.
    pub dir: PathBuf,
}

impl Config {
    /// Loads the configuration. `named` is `--config`; otherwise the nearest `orderly.toml` upwards from `start`.
    ///
    /// # Errors
    /// A usage failure that names file, line and key.
    pub fn load(named: Option<&Path>, start: &Path, overrides: &Overrides) -> Result<Self, Failure> {
        let path = match named {
            Some(path) if path.is_file() => Some(path.to_path_buf()),
            Some(path) => {
                return Err(Failure::new(
                    Kind::Usage,
                    format!("there is no configuration file {}", path.display()),
                )
                .hint("run `orderly init` to write one, or leave out --config"));
            }
            None => start.ancestors().map(|dir| dir.join(FILE_NAME)).find(|path| path.is_file()),
        };
        let file = path.as_deref().map(read).transpose()?.unwrap_or_default();
        let dir = path
            .as_deref()
            .and_then(Path::parent)
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(start)
            .to_path_buf();
        let settings = Settings::resolve(file, overrides, &dir).map_err(with_hint)?;
        Ok(Self { settings, path, dir })
    }

    /// Folder for state, plans and reports of the project.
    pub fn state_dir(&self) -> PathBuf {
        self.dir.join(".orderly")
    }
}

fn read(path: &Path) -> Result<file::File, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(Kind::Usage, format!("{} cannot be read", path.display())).because(&error)
    })?;
    parse(&text, path)
}

/// Reads the text of a configuration file; `path` is for messages.
pub(crate) fn parse(text: &str, path: &Path) -> Result<file::File, Failure> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let at = format!("{}:{line}", path.display());
        match typo::explain(error.message()) {
            Some((unknown, meant)) => {
                Failure::new(Kind::Usage, format!("{at}: there is no setting or value `{unknown}`"))
                    .hint(format!("did you mean `{meant}`?"))
            }
            None => Failure::new(Kind::Usage, format!("{at}: {}", error.message())).hint(REFERENCE),
        }
    })
}

/// Where to look when nothing nearer is known.
const REFERENCE: &str = "`docs/configuration.md` lists every setting with its default and unit";

fn with_hint(failure: Failure) -> Failure {
    if failure.hints.is_empty() { failure.hint(REFERENCE) } else { failure }
}
