//! The one file that reads the wall clock: run names, seeds and the record's beginning.

use jiff::Timestamp;

/// The time now, to the second, as RFC 3339 in UTC.
#[must_use]
pub fn now_rfc3339() -> String {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// The time now as a folder's name: `2026-11-23T021530Z`.
#[must_use]
pub fn now_as_name() -> String {
    now_rfc3339().replace(':', "")
}

/// The time now, as files and logs stamp it.
#[must_use]
pub fn now_system() -> std::time::SystemTime {
    Timestamp::now().into()
}

/// A seed from the time, for runs that name none; small enough to be typed.
#[must_use]
pub fn seed() -> u64 {
    Timestamp::now().as_millisecond().unsigned_abs() % 1_000_000_007
}
