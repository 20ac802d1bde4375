//! The service under test. The reference service is the recovery flow core. An external service has no
//! code here; a stage connects to it.

pub mod reference;
