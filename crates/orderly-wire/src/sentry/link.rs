//! The `Link` header of Sentry's lists: `<URL>; rel="next"; results="true"; cursor="0:100:0"`.
//!
//! Reading takes the cursor and nothing else: the address in the header is a server's claim, and following it would
//! let one host send a token to another.

use std::fmt;
use std::str::FromStr;

/// Longest cursor that is believed; longer ones are read as absent.
const MAX_CURSOR: usize = 256;

/// A position in a list: `value:offset:is_prev`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Sort value the page starts at; 0 for lists that count rows.
    pub value: i64,
    /// Rows to skip from there.
    pub offset: u64,
    /// Whether the page lies before the position.
    pub is_prev: bool,
}

impl Cursor {
    /// The beginning of a list.
    pub const START: Cursor = Cursor { value: 0, offset: 0, is_prev: false };
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.value, self.offset, u8::from(self.is_prev))
    }
}

/// A text that is not `value:offset:is_prev`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: expected three numbers separated by colons, as in 0:100:0")]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Cursor, InvalidCursor> {
        let mut parts = text.split(':');
        let (Some(value), Some(offset), Some(is_prev), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidCursor);
        };
        Ok(Cursor {
            value: value.parse().map_err(|_| InvalidCursor)?,
            offset: offset.parse().map_err(|_| InvalidCursor)?,
            is_prev: match is_prev {
                "0" => false,
                "1" => true,
                _ => return Err(InvalidCursor),
            },
        })
    }
}

/// The header a server sends, always with both directions. `url` is the list's absolute address with its query
/// string (`?` included, even when empty) but without `cursor`; each direction says whether it has results.
pub fn render_link(url: &str, previous: (bool, &Cursor), next: (bool, &Cursor)) -> String {
    let direction = |rel: &str, (results, cursor): (bool, &Cursor)| {
        format!("<{url}&cursor={cursor}>; rel=\"{rel}\"; results=\"{results}\"; cursor=\"{cursor}\"")
    };
    format!("{}, {}", direction("previous", previous), direction("next", next))
}

/// The cursor of the next page, opaque, exactly as the server wrote it: `None` when there is no next page, when the
/// header is not one of Sentry's, or when its cursor holds anything but letters, digits and `:_-.=`.
pub fn next_cursor(header: &str) -> Option<&str> {
    Links(header).find(|link| link.value_of("rel") == Some("next")).and_then(|link| {
        let cursor = link.value_of("cursor")?;
        let has_results = link.value_of("results") == Some("true");
        (has_results && is_plausible(cursor)).then_some(cursor)
    })
}

fn is_plausible(cursor: &str) -> bool {
    (1..=MAX_CURSOR).contains(&cursor.len())
        && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_-.=".contains(&byte))
}

/// The parameters of one link: what follows `<URL>`.
struct Link<'a>(&'a str);

impl<'a> Link<'a> {
    /// The first value of a parameter, without its quotes.
    fn value_of(&self, name: &str) -> Option<&'a str> {
        split_outside_quotes(self.0, b';').find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            if !key.trim().eq_ignore_ascii_case(name) {
                return None;
            }
            let value = value.trim();
            Some(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
        })
    }
}

/// Walks `<URL>; parameters, <URL>; parameters`. A comma inside `<...>` or quotes separates nothing.
struct Links<'a>(&'a str);

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        let (_, after_open) = self.0.split_once('<')?;
        let (_, rest) = after_open.split_once('>')?;
        let parameters = split_outside_quotes(rest, b',').next().unwrap_or_default();
        self.0 = rest.get(parameters.len()..).unwrap_or_default();
        Some(Link(parameters))
    }
}

/// The pieces of `text` between `separator`s that stand outside double quotes.
fn split_outside_quotes(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut in_quotes = false;
    text.split(move |character: char| {
        in_quotes ^= character == '"';
        !in_quotes && character == char::from(separator)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const URL: &str = "http://127.0.0.1:9000/api/0/organizations/acme/issues/?query=is%3Aunresolved";

    #[test]
    fn sentrys_own_header_gives_the_cursor_of_the_next_page() {
        let header = "<https://sentry.io/api/0/organizations/acme/issues/?&cursor=0:0:1>; rel=\"previous\"; \
                      results=\"false\"; cursor=\"0:0:1\", <https://sentry.io/api/0/organizations/acme/issues/?\
                      &cursor=0:100:0>; rel=\"next\"; results=\"true\"; cursor=\"0:100:0\"";
        assert_eq!(next_cursor(header), Some("0:100:0"));
    }

    #[test]
    fn a_next_link_without_results_ends_the_list() {
        let header = render_link(URL, (true, &Cursor::START), (false, &Cursor::START));
        assert_eq!(next_cursor(&header), None);
    }

    #[test]
    fn a_hostile_header_gives_no_cursor() {
        for header in [
            "",
            "<",
            "<>",
            "<u>; rel=next",
            "<u>; rel=\"next\"; results=\"true\"",
            "<u>; rel=\"next\"; results=\"true\"; cursor=\"\"",
            "<u>; rel=\"next\"; results=\"true\"; cursor=\"0:1:0&project=2\"",
            "<u>; rel=\"next\"; results=\"true\"; cursor=\"a\r\nb\"",
            "rel=\"next\"; results=\"true\"; cursor=\"0:1:0\"",
            "<u; rel=\"next\"; results=\"true\"; cursor=\"0:1:0\"",
            "<u>; title=\"x; rel=next; results=true; cursor=0:1:0\"",
        ] {
            assert_eq!(next_cursor(header), None, "{header:?}");
        }
        let long = format!("<u>; rel=\"next\"; results=\"true\"; cursor=\"{}\"", "1".repeat(5000));
        assert_eq!(next_cursor(&long), None);
    }

    #[test]
    fn a_comma_inside_the_address_does_not_end_the_link() {
        let header = "<http://h/?a=1,2&b=\"x\">; rel=\"next\"; results=\"true\"; cursor=\"7:0:0\"";
        assert_eq!(next_cursor(header), Some("7:0:0"));
    }

    proptest! {
        #[test]
        fn what_is_rendered_is_read_back(value: i64, offset: u64, is_prev: bool, results: bool) {
            let cursor = Cursor { value, offset, is_prev };
            let text = cursor.to_string();
            prop_assert_eq!(text.parse(), Ok(cursor));
            let header = render_link(URL, (true, &Cursor::START), (results, &cursor));
            prop_assert_eq!(next_cursor(&header), results.then_some(text.as_str()));
        }

        #[test]
        fn any_text_is_read_without_panicking(header in "\\PC*") {
            let _ = next_cursor(&header);
            let _ = header.parse::<Cursor>();
        }

        #[test]
        fn any_mix_of_the_headers_own_signs_is_read_without_panicking(
            header in "[<>;,\"= a-c0-9:\u{e9}relnxtsucoé]{0,200}",
        ) {
            if let Some(cursor) = next_cursor(&header) {
                prop_assert!(is_plausible(cursor));
            }
        }
    }
}
