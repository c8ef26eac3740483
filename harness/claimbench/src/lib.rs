//! The command line of claimbench: wiring only.
