//! The routes: from a request to its answer.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response, StatusCode};

use crate::pattern::Body;
use crate::problem::{bad_request, method_not_allowed, not_found};
use crate::stats;
use crate::timer::Timer;

/// Longest delay of `/delay?ms=D`.
const DELAY_MS_MAX: u64 = 10_000;
/// Longest body of `/body?bytes=N`.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What the routes share.
pub(crate) struct Server {
    timer: Rc<Timer>,
    /// Requests answered on all routes but `/health` and `/stats`.
    requests: Cell<u64>,
}

impl Server {
    pub(crate) fn new(timer: Rc<Timer>) -> Self {
        Self { timer, requests: Cell::new(0) }
    }
}

/// Answers one request.
pub(crate) async fn answer<B>(server: &Server, request: &Request<B>) -> Response<Body> {
    let path = request.uri().path();
    if !matches!(path, "/health" | "/stats") {
        let response = measured(server, request).await;
        server.requests.set(server.requests.get() + 1);
        return response;
    }
    if request.method() != Method::GET {
        return method_not_allowed();
    }
    match path {
        "/health" => text("ok"),
        _ => json(stats::document(server.requests.get())),
    }
}

async fn measured<B>(server: &Server, request: &Request<B>) -> Response<Body> {
    let path = request.uri().path();
    if !matches!(path, "/plain" | "/bystander" | "/null" | "/delay" | "/body") {
        return not_found(path);
    }
    if request.method() != Method::GET {
        return method_not_allowed();
    }
    let query = request.uri().query();
    match path {
        "/plain" => text("Hello, World!"),
        "/bystander" => json(r#"{"ok":true}"#),
        "/delay" => match parameter(query, "ms", DELAY_MS_MAX) {
            Ok(delay_ms) => {
                server.timer.wait(Duration::from_millis(delay_ms)).await;
                text("ok")
            }
            Err(detail) => bad_request(&detail),
        },
        "/body" => match parameter(query, "bytes", BODY_BYTES_MAX) {
            Ok(bytes) => typed("application/octet-stream", Body::pattern(bytes)),
            Err(detail) => bad_request(&detail),
        },
        _ => Response::new(Body::full("")),
    }
}

/// The one whole number that a route takes, between 0 and `max`.
fn parameter(query: Option<&str>, name: &str, max: u64) -> Result<u64, String> {
    let mut found =
        query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name));
    let (Some((_, value)), None) = (found.next(), found.next()) else {
        return Err(format!("give the parameter `{name}` once"));
    };
    // `u64::from_str` would also take a leading plus sign.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse::<u64>() {
        Ok(number) if digits && number <= max => Ok(number),
        _ => Err(format!("`{name}` must be a whole number from 0 to {max}")),
    }
}

fn text(body: &'static str) -> Response<Body> {
    typed("text/plain; charset=utf-8", Body::full(body))
}

fn json(body: impl Into<bytes::Bytes>) -> Response<Body> {
    typed("application/json", Body::full(body))
}

/// A response of one media type with status 200.
pub(crate) fn typed(media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(media_type));
    response
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn takes_whole_numbers_within_the_bound() {
        assert_eq!(parameter(Some("ms=0"), "ms", 10), Ok(0));
        assert_eq!(parameter(Some("x=1&ms=10"), "ms", 10), Ok(10));
    }

    #[test]
    fn refuses_everything_else() {
        for query in ["", "ms", "ms=", "ms=11", "ms=-1", "ms=+1", "ms=1.5", "ms=1&ms=1", "ms=99999999999999999999"] {
            assert!(parameter(Some(query), "ms", 10).is_err(), "{query}");
        }
        assert!(parameter(None, "ms", 10).is_err());
    }
}
