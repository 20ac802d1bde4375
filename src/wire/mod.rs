//! The only I/O of the library.
pub mod console;
pub mod form;
