//! The server's process, as the bench has it.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdout, Stdio};

use anyhow::Context;

use crate::manner::Manner;
use crate::place::Place;
use crate::role::Role;

/// A server in a process of its own, which ends with this.
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts the server on the server's core.
    pub(crate) fn start(place: &Place, manner: Manner) -> anyhow::Result<Self> {
        place.go_to_server()?;
        let mut command = Role::Server.command()?;
        command.args(manner.arguments()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the server")?;
        let output = child.stdout.take().map(BufReader::new).context("the server has no output")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut running = Self { child, output, url: String::new(), address };
        let mut line = String::new();
        running.output.read_line(&mut line)?;
        running.address.set_port(line.trim().parse().context("the server names no port")?);
        running.url = format!("http://{}/plain", running.address);
        Ok(running)
    }

    /// Ends a server that counts; the Fano factor of the arrivals, where any came.
    pub(crate) fn arrivals_fano_factor(mut self) -> anyhow::Result<Option<f64>> {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.output.read_to_string(&mut said)?;
        Ok(said.trim().parse().ok())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
