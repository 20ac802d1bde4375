//! The addresses of a server, as its clients need them.

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::wire::files::write_whole;

/// Where the servers listen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ports {
    /// SMTP with STARTTLS: host and port.
    pub smtp: String,
    /// SMTP with implicit TLS, likewise.
    pub smtps: String,
    /// The control API and Mailpit's API: a URL without a slash at its end.
    pub http: String,
    /// The voice provider's REST API, likewise.
    pub twilio: String,
    /// The HTTPS proxy that answers for Twilio's hosts, likewise.
    pub proxy: String,
    /// The pages of the reference service, likewise.
    pub console: String,
    /// The file with the certificate of the authority that the proxy and the SMTP servers use.
    pub ca: String,
}

impl Ports {
    /// Writes the addresses as JSON. The file appears complete or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        write_whole(path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_complete_and_alone() {
        let folder = std::env::temp_dir().join(format!("lostkey-ports-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let ports = Ports { http: "http://127.0.0.1:1".to_owned(), ..Ports::default() };
        let path = folder.join("ports.json");
        ports.write(&path).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(read["http"], "http://127.0.0.1:1");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        assert!(ports.write(&folder.join("missing/ports.json")).is_err());
        assert!(ports.write(Path::new("/")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
