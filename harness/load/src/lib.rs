//! The load generator: pacing, transports, verification and recording.
