//! The service under test. The reference service is the recovery flow core; a service outside has no
//! code here: it is reached through a stage.

pub mod reference;
