//! One request over an HTTP/2 connection: its answer as it comes.

use std::task::{Context, Poll};

use h2::RecvStream;
use h2::client::ResponseFuture;
use http::header::CONTENT_TYPE;

use super::wake::Woken;
use crate::error::ErrorClass;
use crate::http1::connection::Exchange;
use crate::verify::{Seen, Verifier};

/// A place for one request at a time.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) exchange: Option<Exchange>,
    pub(crate) woken: Woken,
    answer: Answer,
    seen: Seen,
    bytes_left: u64,
}

#[derive(Debug)]
enum Answer {
    None,
    Head(ResponseFuture),
    Body(RecvStream),
}

impl Slot {
    pub(crate) fn new() -> Self {
        Self { exchange: None, woken: Woken::new(), answer: Answer::None, seen: Seen::default(), bytes_left: 0 }
    }

    pub(crate) fn begin(&mut self, exchange: Exchange, response: ResponseFuture, body_bytes_max: u64) {
        self.exchange = Some(exchange);
        self.answer = Answer::Head(response);
        self.bytes_left = body_bytes_max;
        // Whoever waits must have been polled once.
        self.woken.raise();
    }

    /// Frees the place; an answer that is still to come is refused.
    pub(crate) fn clear(&mut self) -> Option<Exchange> {
        self.answer = Answer::None;
        self.exchange.take()
    }

    /// Takes what has come: the verdict, once that is all.
    pub(crate) fn poll(&mut self, verifier: &mut Verifier, now_ns: u64) -> Poll<Result<(), ErrorClass>> {
        let mut context = Context::from_waker(&self.woken.waker);
        if let Answer::Head(response) = &mut self.answer {
            let response = match std::pin::Pin::new(response).poll(&mut context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(class_of(&error))),
                Poll::Ready(Ok(response)) => response,
            };
            if let Some(exchange) = &mut self.exchange {
                exchange.first_byte_ns.get_or_insert(now_ns);
            }
            let media_type = response.headers().get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
            verifier.head(&mut self.seen, response.status().as_u16(), media_type);
            self.answer = Answer::Body(response.into_body());
        }
        let Answer::Body(body) = &mut self.answer else { return Poll::Pending };
        loop {
            match body.poll_data(&mut context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(verifier.verdict(&mut self.seen)),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(class_of(&error))),
                Poll::Ready(Some(Ok(bytes))) => {
                    let Some(left) = self.bytes_left.checked_sub(bytes.len() as u64) else {
                        return Poll::Ready(Err(ErrorClass::TooLarge));
                    };
                    self.bytes_left = left;
                    verifier.body(&mut self.seen, &bytes);
                    if body.flow_control().release_capacity(bytes.len()).is_err() {
                        return Poll::Ready(Err(ErrorClass::Malformed));
                    }
                }
            }
        }
    }
}

/// What an error of `h2` is to us.
pub(crate) fn class_of(error: &h2::Error) -> ErrorClass {
    if error.is_io() {
        match error.get_io().map(std::io::Error::kind) {
            Some(std::io::ErrorKind::ConnectionReset) => ErrorClass::Reset,
            _ => ErrorClass::Truncated,
        }
    } else if error.is_go_away() && error.is_remote() {
        ErrorClass::Closed
    } else if error.is_reset() && error.is_remote() {
        ErrorClass::StreamReset
    } else {
        ErrorClass::Malformed
    }
}
