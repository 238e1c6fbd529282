//! Texts of files as a commit has them.

use super::GitWorkshop;
use crate::git::GitError;
use orderly_core::ids::CommitId;
use orderly_core::source::RepoPath;
use std::collections::BTreeMap;

/// A longer file is no source that a person wrote.
const LONGEST: usize = 2 * 1024 * 1024;

impl GitWorkshop {
    pub(super) async fn read(
        &self,
        at: &CommitId,
        paths: &[RepoPath],
    ) -> Result<BTreeMap<RepoPath, String>, GitError> {
        // A line break in a name would end the question after it.
        let asked: Vec<&RepoPath> = paths.iter().filter(|path| !path.as_str().contains('\n')).collect();
        if asked.is_empty() {
            return Ok(BTreeMap::new());
        }
        let lines: String = asked.iter().map(|path| format!("{at}:{}\n", path.as_str())).collect();
        let said = self.git.call("cat-file").arg("--batch").input(lines).success().await?.stdout;
        let mut texts = BTreeMap::new();
        let mut rest = said.as_slice();
        for path in asked {
            let Some((head, after)) = line(rest) else { break };
            let size =
                head.rsplit_once(' ').and_then(|(about, size)| Some((about, size.parse::<usize>().ok()?)));
            rest = match size {
                Some((about, size)) if after.len() > size => {
                    if about.ends_with(" blob") && size <= LONGEST {
                        texts.insert(path.clone(), String::from_utf8_lossy(&after[..size]).into_owned());
                    }
                    &after[size + 1..]
                }
                // It is not there.
                _ => after,
            };
        }
        Ok(texts)
    }
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]))
}
