//! Source addresses of connections: one has about 28,000 ephemeral ports towards one server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Connections from one source address: what a port range that begins at 32,768 has, with room for those that linger.
pub const CONNECTIONS_PER_ADDRESS: u32 = 20_000;

/// Where connections come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    /// The system's choice; to a server on 127.0.0.0/8, as many addresses from 127.0.0.1 on as the run's connections need.
    #[default]
    Automatic,
    /// These, in turn.
    Range {
        /// The first address.
        first: Ipv4Addr,
        /// How many, the first included.
        count: u32,
    },
}

impl Sources {
    /// What is wrong with it, if anything.
    pub(crate) fn check(self) -> Result<(), String> {
        match self {
            Self::Range { first, count } if count == 0 || u32::from(first).checked_add(count).is_none() => {
                Err(format!("{count} source addresses from {first} on; take at least one, and none past the last"))
            }
            _ => Ok(()),
        }
    }

    /// The choice for a run of so many connections to this server.
    pub(crate) fn settle(self, server: SocketAddr, connections: u32) -> Self {
        match (self, server.ip()) {
            (Self::Automatic, IpAddr::V4(ip)) if ip.is_loopback() && connections > CONNECTIONS_PER_ADDRESS => {
                Self::Range { first: Ipv4Addr::LOCALHOST, count: connections.div_ceil(CONNECTIONS_PER_ADDRESS) }
            }
            _ => self,
        }
    }

    /// The source of one connection; the system's choice where there is none.
    pub(crate) fn of(self, connection: u32) -> Option<Ipv4Addr> {
        match self {
            Self::Automatic => None,
            Self::Range { first, count } => Some(Ipv4Addr::from(u32::from(first) + connection % count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_rotate_where_the_ports_of_one_would_run_out() {
        let server = SocketAddr::from(([127, 0, 0, 1], 80));
        assert_eq!(Sources::Automatic.settle(server, 20_000), Sources::Automatic);
        let many = Sources::Automatic.settle(server, 50_000);
        let used: Vec<_> = (0..4).map(|connection| many.of(connection).unwrap().octets()[3]).collect();
        assert_eq!(used, [1, 2, 3, 1]);
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 80));
        assert_eq!(Sources::Automatic.settle(elsewhere, 50_000), Sources::Automatic, "these are not ours to take");
    }

    #[test]
    fn a_range_must_exist() {
        assert!(Sources::Range { first: Ipv4Addr::LOCALHOST, count: 0 }.check().is_err());
        assert!(Sources::Range { first: Ipv4Addr::BROADCAST, count: 1 }.check().is_err());
        assert!(Sources::Range { first: Ipv4Addr::LOCALHOST, count: 9 }.check().is_ok());
    }
}
