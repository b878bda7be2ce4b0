//! A stand-in for Transmit.
