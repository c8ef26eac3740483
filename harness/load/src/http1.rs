//! The HTTP/1.1 keep-alive client: the parser of answers, and the connection that they come over.

pub(crate) mod chunked;
pub(crate) mod connection;
pub mod response;
pub(crate) mod socket;
