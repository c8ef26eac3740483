//! The routes: from a request to its answer.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response, StatusCode};

use crate::events::EventStream;
use crate::pattern::Body;
use crate::problem::{bad_request, method_not_allowed, not_found};
use crate::timer::Timer;
use crate::websocket::Rooms;
use crate::{stats, upload, websocket};

/// Longest delay of `/delay?ms=D`.
const DELAY_MS_MAX: u64 = 10_000;
/// Longest body of `/body?bytes=N`.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most events of a stream that ends.
const EVENTS_MAX: u64 = 1_000_000;

/// What the routes share.
pub(crate) struct Server {
    timer: Rc<Timer>,
    pub(crate) rooms: Rooms,
    /// Messages that came over WebSocket, and requests answered on all routes but `/health` and `/stats`.
    requests: Cell<u64>,
}

impl Server {
    pub(crate) fn new(timer: Rc<Timer>) -> Self {
        Self { timer, rooms: Rooms::default(), requests: Cell::new(0) }
    }

    /// A request was answered, or a message came.
    pub(crate) fn count(&self) {
        self.requests.set(self.requests.get() + 1);
    }
}

/// Answers one request.
pub(crate) async fn answer(server: &Rc<Server>, mut request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path();
    if is_websocket(path) {
        // What counts is the messages; the handshake is none.
        return if request.method() == Method::GET {
            websocket::answer(server, &mut request)
        } else {
            method_not_allowed("GET")
        };
    }
    if !matches!(path, "/health" | "/stats") {
        let response = measured(server, request).await;
        server.count();
        return response;
    }
    if request.method() != Method::GET {
        return method_not_allowed("GET");
    }
    match path {
        "/health" => text("ok"),
        _ => json(stats::document(server.requests.get())),
    }
}

/// Longest name of a room.
const NAME_BYTES_MAX: usize = 64;

/// `/ws/echo`, and a room.
fn is_websocket(path: &str) -> bool {
    let of_a_name = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    let is_name = |name: &str| (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(of_a_name);
    path == "/ws/echo" || path.strip_prefix("/ws/rooms/").is_some_and(is_name)
}

async fn measured(server: &Server, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path();
    if path == "/upload" {
        return if request.method() == Method::POST {
            upload::answer(request.into_body()).await
        } else {
            method_not_allowed("POST")
        };
    }
    if !matches!(path, "/plain" | "/bystander" | "/null" | "/delay" | "/body" | "/events") {
        return not_found(path);
    }
    if request.method() != Method::GET {
        return method_not_allowed("GET");
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
        "/events" => events(server, query).unwrap_or_else(|detail| bad_request(&detail)),
        _ => Response::new(Body::full("")),
    }
}

/// `count` 0 is a stream without end.
fn events(server: &Server, query: Option<&str>) -> Result<Response<Body>, String> {
    let count = parameter(query, "count", EVENTS_MAX)?;
    let gap_ms = parameter(query, "gap_ms", DELAY_MS_MAX)?;
    if count == 0 && gap_ms == 0 {
        return Err("a stream without end needs a gap between its events".to_owned());
    }
    let events = EventStream::new(Rc::clone(&server.timer), (count > 0).then_some(count), gap_ms);
    Ok(typed("text/event-stream", Body::Events(events)))
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
