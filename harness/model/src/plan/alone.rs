//! The load without its background: once a workload with a background stream has been measured, its other streams go on alone for a while,
//! so that a reader sees what the background did to them. No claim is judged by it.

use crate::define::workload::{Load, Role, Workload};
use crate::units::Span;

/// For how long: at 350 requests a second, six blocks together just give enough for a 99th percentile (method.md); and it is little
/// beside the other parts of a trial.
pub const ALONE: Span = Span::from_millis(500);

impl Workload {
    /// Whether its measured streams go on alone: it has a background beside them, and no rate of them is searched for.
    #[must_use]
    pub fn goes_on_alone(&self) -> bool {
        let has = |role: Role| self.streams.iter().any(|stream| stream.role == role);
        let searches = self.streams.iter().any(|stream| matches!(stream.load, Load::Search(_)));
        has(Role::Background) && has(Role::Measured) && !searches
    }
}
