//! Bytes moved in the window, and how evenly the connections shared them.

/// What the connections of a stream moved in the window, heads and framing included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transfer {
    /// Bytes received.
    pub received_bytes: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Connections that could move any.
    pub connections: u64,
    /// The sum of the squares of the bytes received by each connection.
    pub squares_sum: f64,
}

impl Transfer {
    /// Jain's index of the bytes received by connection: 1 where all got the same, 1/n where one got everything; nothing where
    /// none got any. (Jain, Chiu, Hawe 1984.)
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub fn fairness(&self) -> Option<f64> {
        let sum = self.received_bytes as f64;
        (sum > 0.0).then(|| sum * sum / (self.connections as f64 * self.squares_sum))
    }

    /// One more connection.
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub(crate) fn add_connection(&mut self, received_bytes: u64, sent_bytes: u64) {
        self.received_bytes += received_bytes;
        self.sent_bytes += sent_bytes;
        self.connections += 1;
        self.squares_sum += (received_bytes as f64).powi(2);
    }

    /// Adds what another worker's connections moved.
    pub(crate) fn add(&mut self, other: &Self) {
        self.received_bytes += other.received_bytes;
        self.sent_bytes += other.sent_bytes;
        self.connections += other.connections;
        self.squares_sum += other.squares_sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u64]) -> Transfer {
        let mut transfer = Transfer::default();
        bytes.iter().for_each(|bytes| transfer.add_connection(*bytes, 1));
        transfer
    }

    #[test]
    fn fairness_is_jains_index() {
        assert_eq!(of(&[5, 5, 5]).fairness(), Some(1.0));
        assert_eq!(of(&[0, 0, 0, 8]).fairness(), Some(0.25));
        // (1 + 2 + 3)² / (3 · (1 + 4 + 9))
        assert!((of(&[1, 2, 3]).fairness().unwrap() - 36.0 / 42.0).abs() < 1e-12);
        assert_eq!(of(&[0, 0]).fairness(), None);
        assert_eq!((of(&[1, 2]).received_bytes, of(&[1, 2]).sent_bytes), (3, 2));
    }

    #[test]
    fn workers_add_up_to_one() {
        let mut sum = of(&[1, 2]);
        sum.add(&of(&[3]));
        assert_eq!(sum, of(&[1, 2, 3]));
    }
}
