//! The laboratory: runtimes, dependencies, server lifecycle, contract checks, sampling and sessions.
