//! Where the requests go: the URL, taken apart.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, anyhow};

use crate::cli::DriveArgs;

/// Where the requests go.
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) scheme: Scheme,
}

/// The URL's scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    WebSocket,
}

impl Place {
    pub(super) fn parse(args: &DriveArgs) -> anyhow::Result<Self> {
        let url = &args.url;
        let schemes = [("http://", Scheme::Http), ("ws://", Scheme::WebSocket)];
        let known = schemes.into_iter().find_map(|(prefix, scheme)| Some((url.strip_prefix(prefix)?, scheme)));
        let (rest, scheme) =
            known.ok_or_else(|| anyhow!("`{url}` is no URL that can be driven; begin it with http:// or ws://"))?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse::<u16>().with_context(|| format!("`{port}` is no port"))?)
            }
            _ => (authority, 80),
        };
        let host = host.trim_matches(['[', ']']);
        let mut addresses = (host, port).to_socket_addrs().with_context(|| format!("cannot find the host `{host}`"))?;
        let address = addresses.next().ok_or_else(|| anyhow!("the host `{host}` has no address"))?;
        if !address.ip().is_loopback() && args.allow_host.as_deref() != Some(host) {
            return Err(anyhow!(
                "{host} is not this machine; load goes elsewhere only with --allow-host {host}, and only to a host of your own"
            ));
        }
        Ok(Self { address, authority: authority.to_owned(), path: path.to_owned(), scheme })
    }
}
