//! Hand-written traces.
