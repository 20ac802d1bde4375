//! stub
use crate::crossing::*;
use crate::event::Lost;
pub struct Mailer;
impl Mailer {
    pub fn new(_: std::net::SocketAddr) -> Self {
        Self
    }
    pub async fn send(&self, _: &Mail, _: &str, _: u64) -> Result<MailReply, Lost> {
        Err(Lost::Cut)
    }
}
