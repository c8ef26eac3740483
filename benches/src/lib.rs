//! The suites behind cargo bench.
