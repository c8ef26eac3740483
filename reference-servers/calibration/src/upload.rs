//! Takes a body and says how long it was and what its hash is; holds none of it.

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Body as _;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::pattern::Body;
use crate::problem::{bad_request, content_too_large};
use crate::routes::typed;

/// Longest body that is taken.
const UPLOAD_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Reads the body to its end.
pub(crate) async fn answer(mut body: hyper::body::Incoming) -> Response<Body> {
    if body.size_hint().lower() > UPLOAD_BYTES_MAX {
        return content_too_large();
    }
    let (mut bytes, mut hash) = (0_u64, Sha256::new());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return bad_request("the body broke off") };
        if let Some(data) = frame.data_ref() {
            bytes += data.len() as u64;
            hash.update(data);
        }
        if bytes > UPLOAD_BYTES_MAX {
            return content_too_large();
        }
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    typed("application/json", Body::full(json!({ "bytes": bytes, "sha256": digits }).to_string()))
}
