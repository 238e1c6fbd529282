//! Where in a repository the file of a stack frame is. Pure.

use url::Url;

/// Where files whose paths begin with `stack_root` are in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// What paths in frames begin with.
    pub stack_root: String,
    /// What stands there in the repository.
    pub source_root: String,
}

/// The path in the repository of a file that a frame names. `None` when the roots are not about it, or when the path
/// would lead out of the repository: frames are written by whoever can send events.
pub fn path_of(roots: &Roots, file: &str) -> Option<String> {
    let file = file.strip_prefix("./").unwrap_or(file).replace('\\', "/");
    let rest = file.strip_prefix(roots.stack_root.as_str())?;
    let path = format!("{}{rest}", roots.source_root);
    let path = path.trim_start_matches('/');
    let stays = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    (stays && !path.chars().any(char::is_control)).then(|| path.to_owned())
}

/// Among several roots the one with the longest stack root that is about a file, and the path by it.
pub fn best<'a, T>(mappings: &'a [T], roots: impl Fn(&T) -> &Roots, file: &str) -> Option<(&'a T, String)> {
    let found = mappings.iter().filter_map(|mapping| Some((mapping, path_of(roots(mapping), file)?)));
    found.max_by_key(|(mapping, _)| roots(mapping).stack_root.len())
}

/// The page of a file, at a line, in the web interface of a repository at `repository`: the form that GitHub and its
/// kin use. `None` for a repository that is at no web address.
pub fn page(repository: &str, revision: &str, path: &str, line: Option<u32>) -> Option<String> {
    let mut url = Url::parse(repository).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .push("blob")
        .extend(revision.split('/'))
        .extend(path.split('/'));
    url.set_query(None);
    url.set_fragment(line.map(|line| format!("L{line}")).as_deref());
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(stack: &str, source: &str) -> Roots {
        Roots { stack_root: stack.to_owned(), source_root: source.to_owned() }
    }

    #[test]
    fn the_stack_root_is_replaced_by_the_source_root() {
        for (stack, source, file, expected) in [
            ("shop/", "src/shop/", "shop/cart.py", Some("src/shop/cart.py")),
            ("shop/", "src/shop/", "./shop/cart.py", Some("src/shop/cart.py")),
            ("", "backend/", "app.py", Some("backend/app.py")),
            ("/app/", "", "/app/lib/x.rb", Some("lib/x.rb")),
            ("C:/build/", "src/", "C:\\build\\x.cs", Some("src/x.cs")),
            ("shop/", "src/", "other/cart.py", None),
            ("", "", "../../etc/passwd", None),
            ("shop/", "src/", "shop//x", None),
            ("", "", "a\nb", None),
        ] {
            assert_eq!(path_of(&roots(stack, source), file).as_deref(), expected, "{file}");
        }
    }

    #[test]
    fn the_most_exact_root_wins() {
        let all = [roots("", "x/"), roots("shop/pay/", "pay/"), roots("shop/", "shop/")];
        let (_, path) = best(&all, |one| one, "shop/pay/card.py").unwrap();
        assert_eq!(path, "pay/card.py");
    }

    #[test]
    fn what_an_event_names_cannot_change_the_address() {
        let page = |path| page("https://git.example/acme/shop/", "main", path, Some(3));
        assert_eq!(page("src/a.py").unwrap(), "https://git.example/acme/shop/blob/main/src/a.py#L3");
        assert_eq!(
            page("a b/c?d#e%2F.py").unwrap(),
            "https://git.example/acme/shop/blob/main/a%20b/c%3Fd%23e%252F.py#L3"
        );
        assert_eq!(super::page("git@git.example:acme/shop.git", "main", "a.py", None), None);
    }
}
