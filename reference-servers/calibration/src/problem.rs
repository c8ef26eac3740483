//! What bad input gets: a 4xx with a JSON problem body (RFC 9457).

use hyper::header::{ALLOW, HeaderValue, UPGRADE};
use hyper::{Response, StatusCode};
use serde_json::json;

use crate::pattern::Body;
use crate::routes::typed;

pub(crate) fn bad_request(detail: &str) -> Response<Body> {
    problem(StatusCode::BAD_REQUEST, detail)
}

pub(crate) fn not_found(path: &str) -> Response<Body> {
    problem(StatusCode::NOT_FOUND, &format!("there is no route {path}"))
}

pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Body> {
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, &format!("this route answers {allowed} only"));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

pub(crate) fn upgrade_required() -> Response<Body> {
    let mut response = problem(StatusCode::UPGRADE_REQUIRED, "this route speaks WebSocket only");
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response
}

pub(crate) fn content_too_large() -> Response<Body> {
    problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than this route takes")
}

fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let document = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = typed("application/problem+json", Body::full(document.to_string()));
    *response.status_mut() = status;
    response
}
