//! The calibration server: null route, known delay, stall and body, and the upstream of I/O workloads.
