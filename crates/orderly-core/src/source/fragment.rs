//! What to search the sources for when frames say nothing: the parts of a message that a programmer wrote.

/// Shortest part worth searching for, in characters.
const SHORTEST: usize = 12;
/// Longest part that is searched for, in characters: a longer one may run over the end of a line of source.
const LONGEST: usize = 60;
/// Most parts of one message.
const MOST: usize = 3;

/// Runs of plain words of a message, longest first: what varies (numbers, quoted and bracketed text, paths) is where
/// one ends. They are text of an event; the search must take them literally.
pub fn fragments(message: &str) -> Vec<String> {
    let line = message.lines().next().unwrap_or_default();
    let mut runs: Vec<String> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    for word in line.split(' ').chain(["0"]) {
        let bare = word.trim_end_matches([',', '.', ';', ':', '!', '?']);
        let plain = !bare.is_empty() && bare.chars().all(|c| c.is_alphabetic() || "'-_".contains(c));
        let quote = bare.starts_with('\'') || bare.ends_with('\'');
        if plain && !quote {
            run.push(if bare.len() == word.len() { word } else { bare });
        }
        // A mark at the end of a word belongs to the run only in its middle, where nobody knows how it was written.
        if !plain || quote || bare.len() != word.len() {
            runs.push(std::mem::take(&mut run).join(" "));
        }
    }
    runs.retain(|run| run.chars().count() >= SHORTEST && run.contains(' '));
    for run in &mut runs {
        if let Some((cut, _)) = run.char_indices().nth(LONGEST) {
            let cut = run[..cut].rfind(' ').unwrap_or(cut);
            run.truncate(cut);
        }
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.dedup();
    runs.truncate(MOST);
    runs
}
