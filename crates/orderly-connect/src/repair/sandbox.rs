//! What a program may see and touch: bubblewrap, where it is there.
//!
//! The system is readable, one folder is writable, and what may hold credentials is not there at all: home folders, run-time
//! folders, the project beside its worktrees. Programs that live in a home folder stay reachable through `PATH`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Whether a program may use the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Not even this machine's.
    None,
    /// As the machine has it.
    Shared,
}

/// What belongs to a sandbox of a project.
#[derive(Clone, Debug, Default)]
pub struct SandboxSettings {
    /// The project: what lies in it is hidden, but for `readable` and the folder of the program.
    pub project: PathBuf,
    /// Files and folders that may be read, although they lie in a hidden place.
    pub readable: Vec<PathBuf>,
    /// Files that stand in for others: what is read at the second place is the first.
    pub replaced: Vec<(PathBuf, PathBuf)>,
    /// Names of variables that are passed on.
    pub variables: Vec<String>,
}

/// How programs are kept apart.
#[derive(Clone, Debug)]
pub enum Sandbox {
    /// With bubblewrap, by its absolute path.
    Bubblewrap(PathBuf),
    /// Not at all; somebody said so.
    None,
}

/// Variables that programs need to be found and to speak; never a credential.
const PASSED_ON: [&str; 12] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "TERM",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "PYENV_ROOT",
    "GOPATH",
    "GOROOT",
    "JAVA_HOME",
];

/// Folders in which credentials and sockets lie.
const HIDDEN: [&str; 7] = ["/home", "/root", "/run", "/tmp", "/var/tmp", "/mnt", "/media"];

/// Files of toolchain folders that hold credentials.
const CREDENTIALS: [&str; 4] = ["credentials", "credentials.toml", ".npmrc", ".pypirc"];

/// The folder beside a worktree that holds the code that crashed; programs may read it.
pub const CRASHED: &str = "crashed";

/// Finds bubblewrap, and tries whether this machine lets it work.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let program = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("bwrap"))
        .find(|program| program.is_file())?;
    let tried = std::process::Command::new(&program)
        .args(["--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true"])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success()).then_some(program)
}

impl Sandbox {
    /// The word for receipts.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Bubblewrap(_) => "bubblewrap",
            Self::None => "none",
        }
    }

    /// The command line that runs `argv` in `folder`, which it may write.
    pub fn wrap(
        &self,
        argv: &[String],
        folder: &Path,
        settings: &SandboxSettings,
        network: Network,
    ) -> Vec<OsString> {
        let own = argv.iter().map(OsString::from);
        match self {
            Self::None => own.collect(),
            Self::Bubblewrap(program) => {
                let mut line = vec![program.clone().into_os_string()];
                line.extend(arguments(folder, settings, network));
                line.push("--".into());
                line.extend(own);
                line
            }
        }
    }

    /// The environment of a program: what finds programs, what was asked for by name, and nothing else.
    pub fn environment(&self, settings: &SandboxSettings) -> Vec<(OsString, OsString)> {
        let named = settings.variables.iter().map(String::as_str);
        let mut all: Vec<(OsString, OsString)> = PASSED_ON
            .into_iter()
            .chain(named)
            .filter_map(|name| Some((name.into(), std::env::var_os(name)?)))
            .collect();
        let home = match self {
            Self::Bubblewrap(_) => Some(OsString::from("/tmp")),
            Self::None => std::env::var_os("HOME"),
        };
        // Toolchains that look into the home folder are told where theirs is.
        if let (Self::Bubblewrap(_), Some(real)) = (self, std::env::var_os("HOME").map(PathBuf::from)) {
            for (name, folder) in
                [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup"), ("PYENV_ROOT", ".pyenv")]
            {
                let known = all.iter().any(|(known, _)| known == OsStr::new(name));
                if !known && real.join(folder).is_dir() {
                    all.push((name.into(), real.join(folder).into_os_string()));
                }
            }
        }
        all.extend(home.map(|home| (OsString::from("HOME"), home)));
        // Compiled files of the base would stand in for sources of the fix that have the same size and second.
        all.push(("PYTHONDONTWRITEBYTECODE".into(), "1".into()));
        all.push(("CI".into(), "true".into()));
        all
    }
}

fn arguments(folder: &Path, settings: &SandboxSettings, network: Network) -> Vec<OsString> {
    let mut line: Vec<OsString> = Vec::new();
    let mut add = |parts: &[&OsStr]| line.extend(parts.iter().map(|part| (*part).to_owned()));
    let flag = |text: &'static str| OsStr::new(text);
    add(&[flag("--unshare-all"), flag("--die-with-parent"), flag("--new-session")]);
    if network == Network::Shared {
        add(&[flag("--share-net")]);
    }
    add(&[
        flag("--ro-bind"),
        flag("/"),
        flag("/"),
        flag("--dev"),
        flag("/dev"),
        flag("--proc"),
        flag("/proc"),
    ]);
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let hidden = HIDDEN.iter().map(PathBuf::from).chain(home.clone()).chain([settings.project.clone()]);
    for place in hidden.filter(|place| place.is_dir() && place.parent().is_some()) {
        add(&[flag("--tmpfs"), place.as_os_str()]);
    }
    let crashed = folder.with_file_name(CRASHED);
    for place in toolchains(home.as_deref()).iter().chain(&settings.readable).chain([&crashed]) {
        if place.exists() {
            add(&[flag("--ro-bind"), place.as_os_str(), place.as_os_str()]);
            for secret in CREDENTIALS.map(|name| place.join(name)).iter().filter(|path| path.exists()) {
                add(&[flag("--ro-bind"), flag("/dev/null"), secret.as_os_str()]);
            }
        }
    }
    for (source, place) in &settings.replaced {
        add(&[flag("--ro-bind"), source.as_os_str(), place.as_os_str()]);
    }
    if network == Network::Shared {
        add(&[flag("--ro-bind-try"), flag("/run/systemd/resolve"), flag("/run/systemd/resolve")]);
    }
    add(&[flag("--bind"), folder.as_os_str(), folder.as_os_str()]);
    // Which repository the folder belongs to is not for the program to say.
    let link = folder.join(".git");
    add(&[flag("--ro-bind-try"), link.as_os_str(), link.as_os_str(), flag("--chdir"), folder.as_os_str()]);
    line
}

/// Folders below a home folder that hold a toolchain and nothing private but [`CREDENTIALS`].
const TOOLCHAINS: [&str; 13] = [
    ".asdf", ".bun", ".cargo", ".deno", ".ghcup", ".juliaup", ".nvm", ".pyenv", ".rbenv", ".rustup", ".rye",
    ".sdkman", ".volta",
];

/// What of the hidden places programs on `PATH` need: the whole toolchain that they belong to, else only their folder.
fn toolchains(home: Option<&Path>) -> Vec<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let hidden: Vec<PathBuf> = HIDDEN.iter().map(PathBuf::from).chain(home.map(Path::to_owned)).collect();
    let mut found = Vec::new();
    for folder in on_path.unwrap_or_default() {
        if hidden.contains(&folder) || !hidden.iter().any(|place| folder.starts_with(place)) {
            continue;
        }
        let whole = folder.ancestors().find(|place| {
            place.file_name().and_then(OsStr::to_str).is_some_and(|name| TOOLCHAINS.contains(&name))
        });
        found.push(whole.unwrap_or(&folder).to_owned());
    }
    if let Some(home) = home {
        found.extend([".rustup", ".cargo"].map(|name| home.join(name)));
    }
    found.extend(["RUSTUP_HOME", "CARGO_HOME"].into_iter().filter_map(std::env::var_os).map(PathBuf::from));
    found.sort();
    found.dedup();
    found
}
