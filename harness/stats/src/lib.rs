//! The mathematics of claimbench, on slices; depends on no crate of ours.
