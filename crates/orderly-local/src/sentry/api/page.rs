//! Pages of a list: `per_page` or `limit` and `cursor` in, a `Link` header with `prev` and `next` out.
//!
//! A cursor counts rows: `0:100:0` starts after the first hundred. Clients treat it as opaque.

use axum::Json;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use orderly_wire::sentry::link::{Cursor, render_link};
use serde::Serialize;

use super::AppState;
use super::error::{ApiError, ApiResult};
use super::params::Params;

/// Entries of a page when the client does not say, and the most it may ask for.
pub const MAX_PER_PAGE: u32 = 100;

/// Which part of a list the client wants. As an extractor it refuses unreadable values with 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    cursor: Cursor,
    per_page: u32,
    url: String,
}

impl PageRequest {
    /// Reads `cursor`, `per_page` and `limit`. `url` is the absolute address of the list without `cursor`.
    fn read(params: &Params, base_url: &str, uri: &Uri) -> ApiResult<PageRequest> {
        let cursor = match params.first_non_empty("cursor") {
            Some(text) => text.parse().map_err(|_| ApiError::bad_request("Invalid cursor parameter."))?,
            None => Cursor::START,
        };
        let asked = params.first_non_empty("per_page").or_else(|| params.first_non_empty("limit"));
        let per_page = match asked.map(str::parse::<u32>) {
            None => MAX_PER_PAGE,
            Some(Ok(count)) if (1..=MAX_PER_PAGE).contains(&count) => count,
            Some(_) => {
                return Err(ApiError::bad_request(format!(
                    "Invalid per_page value. Must be between 1 and {MAX_PER_PAGE}."
                )));
            }
        };
        Ok(PageRequest { cursor, per_page, url: without_cursor(base_url, uri.path(), params) })
    }

    /// How many entries to skip: SQL `OFFSET`.
    pub fn offset(&self) -> i64 {
        i64::try_from(self.cursor.offset).unwrap_or(i64::MAX)
    }

    /// How many entries to fetch, one more than the page holds: SQL `LIMIT`. The extra one only tells that there is
    /// a next page; [`Paged::from_overfetched`] drops it.
    pub fn fetch(&self) -> i64 {
        i64::from(self.per_page) + 1
    }

    /// The number of entries of a full page.
    pub fn per_page(&self) -> usize {
        self.per_page as usize
    }
}

impl FromRequestParts<AppState> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<PageRequest> {
        let params = Params::parse(parts.uri.query().unwrap_or_default());
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        PageRequest::read(&params, state.base_url(), uri)
    }
}

/// One page of a list, as an answer.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    items: Vec<T>,
    link: String,
    total: Option<u64>,
}

impl<T> Paged<T> {
    /// A page from rows fetched with [`PageRequest::offset`] and [`PageRequest::fetch`].
    pub fn from_overfetched(mut items: Vec<T>, request: &PageRequest) -> Paged<T> {
        let has_next = items.len() > request.per_page();
        items.truncate(request.per_page());
        Paged { items, link: link_header(request, has_next), total: None }
    }

    /// A page cut out of the whole list.
    pub fn from_whole(items: Vec<T>, request: &PageRequest) -> Paged<T> {
        let total = items.len() as u64;
        let skip = usize::try_from(request.offset()).unwrap_or(usize::MAX);
        let overfetched = items.into_iter().skip(skip).take(request.per_page() + 1).collect();
        Paged { total: Some(total), ..Paged::from_overfetched(overfetched, request) }
    }

    /// Says how many entries the whole list has: `X-Hits`.
    pub fn with_total(self, total: u64) -> Paged<T> {
        Paged { total: Some(total), ..self }
    }

    /// The same page with each entry replaced.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Paged<U> {
        self.filter_map(|item| Some(change(item)))
    }

    /// The entries.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The same page with each entry replaced or left out.
    pub fn filter_map<U>(self, change: impl FnMut(T) -> Option<U>) -> Paged<U> {
        Paged {
            items: self.items.into_iter().filter_map(change).collect(),
            link: self.link,
            total: self.total,
        }
    }
}

impl<T> Paged<T> {
    /// The `Link` header alone, for answers that wrap their list in an object.
    pub fn link_headers(&self) -> HeaderMap {
        HeaderValue::from_str(&self.link)
            .into_iter()
            .map(|link| (HeaderName::from_static("link"), link))
            .collect()
    }
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(&self.items).into_response();
        let headers = response.headers_mut();
        if let Ok(link) = HeaderValue::from_str(&self.link) {
            headers.insert("Link", link);
        }
        if let Some(total) = self.total {
            headers.insert("X-Hits", HeaderValue::from(total));
            headers.insert("X-Max-Hits", HeaderValue::from(1000));
        }
        response
    }
}

fn link_header(request: &PageRequest, has_next: bool) -> String {
    let step = u64::from(request.per_page);
    let offset = request.cursor.offset;
    let previous = Cursor { value: 0, offset: offset.saturating_sub(step), is_prev: true };
    let next = Cursor { value: 0, offset: offset.saturating_add(step), is_prev: false };
    render_link(&request.url, (offset > 0, &previous), (has_next, &next))
}

fn without_cursor(base_url: &str, path: &str, params: &Params) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(params.pairs().filter(|(key, _)| *key != "cursor"));
    let query = query.finish();
    format!("{base_url}{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderly_wire::sentry::link::next_cursor;

    fn request(query: &str) -> ApiResult<PageRequest> {
        let uri: Uri = "/api/0/organizations/acme/releases/".parse().unwrap();
        PageRequest::read(&Params::parse(query), "http://127.0.0.1:1", &uri)
    }

    #[test]
    fn a_list_is_walked_to_its_end_by_following_next() {
        let all: Vec<u32> = (0..25).collect();
        let mut query = "per_page=10&query=a%3Eb".to_owned();
        let mut seen = Vec::new();
        loop {
            let request = request(&query).unwrap();
            let page = Paged::from_whole(all.clone(), &request);
            seen.extend_from_slice(&page.items);
            let Some(cursor) = next_cursor(&page.link) else { break };
            query = format!("per_page=10&cursor={cursor}");
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn the_header_always_names_both_directions() {
        let page = Paged::from_whole(vec![1], &request("cursor=").unwrap());
        assert!(page.link.contains("rel=\"previous\"; results=\"false\""), "{}", page.link);
        assert!(page.link.contains("rel=\"next\"; results=\"false\""), "{}", page.link);
    }

    #[test]
    fn page_sizes_and_cursors_that_make_no_sense_are_refused() {
        for query in ["per_page=0", "per_page=101", "limit=x", "cursor=x", "cursor=1:2"] {
            assert!(matches!(request(query), Err(ApiError::BadRequest(_))), "{query}");
        }
        assert_eq!(request("limit=100").unwrap().per_page(), 100);
        assert_eq!(request("cursor=0:40:0").unwrap().offset(), 40);
    }
}
