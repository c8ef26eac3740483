//! Accepts connections and serves each on the one thread, until a signal ends the process.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use anyhow::Context;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

use crate::freeze::{self, Schedule};
use crate::routes::{self, Server};
use crate::timer::{self, Timer};

/// Connections that may wait to be accepted; the kernel lowers it to `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve(port: u16, freeze: Option<Schedule>) -> anyhow::Result<()> {
    let listener = listen(port)?;
    let timer = Rc::new(Timer::new()?);
    let server = Rc::new(Server::new(Rc::clone(&timer)));
    tokio::task::spawn_local(timer::drive(Rc::clone(&timer)));
    if let Some(schedule) = freeze {
        tokio::task::spawn_local(freeze::freeze(timer, schedule));
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        biased;
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        failure = accept(listener, server) => failure,
    }
}

fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| format!("cannot listen on {address}; is another server using the port?"))?;
    Ok(socket.listen(BACKLOG)?)
}

async fn accept(listener: TcpListener, server: Rc<Server>) -> anyhow::Result<()> {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // The peer gave up before we came to it: no reason to end the server.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error).context("cannot accept connections"),
        };
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(connection(stream, Rc::clone(&server)));
    }
}

async fn connection(stream: TcpStream, server: Rc<Server>) {
    let service = service_fn(move |request| {
        let server = Rc::clone(&server);
        async move { Ok::<_, Infallible>(routes::answer(&server, request).await) }
    });
    // An error here is the client's: it broke off or sent what is not HTTP. hyper has answered it.
    if begins_http2(&stream).await {
        let _ = http2::Builder::new(Local).serve_connection(TokioIo::new(stream), service).await;
    } else {
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    }
}

/// Whether the client speaks HTTP/2 with prior knowledge: its preface begins with a method that HTTP/1.1 does not have.
async fn begins_http2(stream: &TcpStream) -> bool {
    let mut first = [0; 3];
    matches!(stream.peek(&mut first).await, Ok(3)) && first == *b"PRI"
}

/// Runs what hyper spawns on the one thread.
#[derive(Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}
