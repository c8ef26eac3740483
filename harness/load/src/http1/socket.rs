//! A non-blocking TCP socket: connect, send, receive. Every system call of the HTTP/1.1 client on a socket is here.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

/// The plainest congestion control, which every Linux has and lets every user choose. Others pace: BBR, the default of some systems,
/// may start a timer for each request, which costs, and holds the request back, which falsifies.
const CONGESTION_CONTROL: &str = "reno";

/// How far a connect has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connect {
    Done,
    InProgress,
}

/// What a send came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// This many bytes left; fewer than asked, if the socket is full.
    Bytes(usize),
    /// The connection is broken.
    Broken,
}

/// What a receive came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Bytes(usize),
    /// Nothing has come.
    Nothing,
    /// The other side has closed.
    End,
    /// The connection is broken.
    Broken,
}

/// Opens a socket and begins to connect it, from a source of ours where one is given.
pub(crate) fn connect(address: SocketAddr, source: Option<Ipv4Addr>) -> Result<(OwnedFd, Connect), Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    // Where the system does not know it, its own default serves as well, at its own price.
    let _ = sockopt::set_tcp_congestion(&socket, CONGESTION_CONTROL);
    if let Some(source) = source {
        rustix::net::bind(&socket, &SocketAddr::from((source, 0)))?;
    }
    match rustix::net::connect(&socket, &address) {
        Ok(()) => Ok((socket, Connect::Done)),
        Err(Errno::INPROGRESS) => Ok((socket, Connect::InProgress)),
        Err(error) => Err(error),
    }
}

/// Whether a connect that was in progress and became ready has succeeded.
pub(crate) fn is_connected(socket: &OwnedFd) -> bool {
    matches!(sockopt::socket_error(socket), Ok(Ok(())))
}

/// Sends what fits.
#[inline]
pub(crate) fn send(socket: &OwnedFd, bytes: &[u8]) -> Sent {
    loop {
        return match rustix::net::send(socket, bytes, SendFlags::NOSIGNAL) {
            Ok(count) => Sent::Bytes(count),
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN) => Sent::Bytes(0),
            Err(_) => Sent::Broken,
        };
    }
}

/// Receives what has come.
#[inline]
pub(crate) fn receive(socket: &OwnedFd, buffer: &mut [u8]) -> Received {
    loop {
        return match rustix::net::recv(socket, &mut *buffer, RecvFlags::empty()) {
            Ok((0, _)) => Received::End,
            Ok((count, _)) => Received::Bytes(count),
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN) => Received::Nothing,
            Err(_) => Received::Broken,
        };
    }
}
