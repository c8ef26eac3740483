//! The words of claimbench: definitions, plan, record, analysis and verdict; no clock, file or socket.
