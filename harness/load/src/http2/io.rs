//! A non-blocking socket as `h2` reads and writes it. It wakes nobody: the worker polls again when the poller says so.

use std::cell::Cell;
use std::io::{Error, ErrorKind};
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http1::socket::{self, Received, Sent};

/// What the worker has to know of a socket that it has given away.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) received_bytes: Cell<u64>,
    pub(crate) sent_bytes: Cell<u64>,
    /// Whether the socket took no more.
    pub(crate) is_full: Cell<bool>,
}

/// The socket.
#[derive(Debug)]
pub(crate) struct Io {
    pub(crate) socket: OwnedFd,
    pub(crate) traffic: Rc<Traffic>,
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        match socket::receive(&self.socket, buffer.initialize_unfilled()) {
            Received::Bytes(count) => {
                buffer.advance(count);
                self.traffic.received_bytes.set(self.traffic.received_bytes.get() + count as u64);
                Poll::Ready(Ok(()))
            }
            Received::Nothing => Poll::Pending,
            Received::End => Poll::Ready(Ok(())),
            Received::Broken => Poll::Ready(Err(Error::from(ErrorKind::ConnectionReset))),
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        match socket::send(&self.socket, bytes) {
            Sent::Bytes(0) => {
                self.traffic.is_full.set(true);
                Poll::Pending
            }
            Sent::Bytes(count) => {
                self.traffic.sent_bytes.set(self.traffic.sent_bytes.get() + count as u64);
                Poll::Ready(Ok(count))
            }
            Sent::Broken => Poll::Ready(Err(Error::from(ErrorKind::ConnectionReset))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
