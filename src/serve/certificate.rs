//! The certificate of a server's authority, as a file for its clients.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

/// Tells the files of one process apart.
static FILES: AtomicU32 = AtomicU32::new(0);

/// A file in the folder for temporary files, which exists until it is dropped. It holds no secret.
#[derive(Debug)]
pub(super) struct CertificateFile {
    path: PathBuf,
}

impl CertificateFile {
    /// Writes the certificate to a new file.
    pub(super) fn write(pem: &str) -> io::Result<Self> {
        let nth = FILES.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lostkey-ca-{}-{nth}.pem", std::process::id()));
        // A file of an earlier process with this id is stale. A link that somebody else put here must not
        // be followed, so the file is always new.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let kept = Self { path };
        file.write_all(pem.as_bytes())?;
        Ok(kept)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CertificateFile {
    fn drop(&mut self) {
        // A file that is gone already needs no removal.
        let _removed = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_there_as_long_as_it_is_held() {
        let (one, two) = (CertificateFile::write("one").unwrap(), CertificateFile::write("two").unwrap());
        assert_eq!(fs::read_to_string(one.path()).unwrap(), "one");
        assert_eq!(fs::read_to_string(two.path()).unwrap(), "two");
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && two.path().exists());
    }
}
