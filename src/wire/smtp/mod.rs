//! stub
use std::net::SocketAddr;
pub struct SmtpSink;
impl SmtpSink {
    pub fn address(&self) -> SocketAddr {
        unreachable!()
    }
}
