//! The certificate of a server's authority, as a file for its clients.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

use crate::wire::proxy::java_store;

/// Tells the files of one process apart.
static FILES: AtomicU32 = AtomicU32::new(0);

/// A file in the folder for temporary files, which exists until it is dropped, with the store that a user may
/// have made of it for Java. It holds no secret.
#[derive(Debug)]
pub(super) struct CertificateFile {
    path: PathBuf,
}

impl CertificateFile {
    /// Writes the certificate to a new file.
    pub(super) fn write(pem: &str) -> io::Result<Self> {
        Self::write_to(file_of(FILES.fetch_add(1, Ordering::Relaxed)), pem)
    }

    fn write_to(path: PathBuf, pem: &str) -> io::Result<Self> {
        // A file of an earlier process with this id is stale. A link that somebody else put here must not
        // be followed, so the file is always new. A stale store would let Java trust the earlier authority.
        for stale in [&path, &java_store(&path)] {
            match fs::remove_file(stale) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
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

fn file_of(nth: u32) -> PathBuf {
    std::env::temp_dir().join(format!("lostkey-ca-{}-{nth}.pem", std::process::id()))
}

impl Drop for CertificateFile {
    fn drop(&mut self) {
        // A file that is gone already, or a store that nobody has made, needs no removal.
        for file in [&self.path, &java_store(&self.path)] {
            let _removed = fs::remove_file(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_for_java_goes_with_the_file_and_no_other_file_does() {
        let file = CertificateFile::write("one").unwrap();
        let path = file.path().to_owned();
        // As the printed line of `keytool` names it.
        let proxy = "127.0.0.1:8027".parse().unwrap();
        let store = java_store(&path);
        let printed = crate::wire::proxy::environment(proxy, &path);
        assert!(printed.contains(&format!("-keystore {} ", store.display())), "{printed}");
        let others = ["p12.old", "jks"].map(|ending| path.with_extension(ending));
        for file in others.iter().chain([&store]) {
            fs::write(file, "a store").unwrap();
        }
        drop(file);
        assert!(!path.exists() && !store.exists());
        for file in others {
            fs::remove_file(file).expect("it is not lostkey's");
        }
    }

    #[test]
    fn a_stale_store_is_removed_at_the_start() {
        // Only this test writes files for this number, which no other certificate of this process gets.
        let path = file_of(u32::MAX);
        fs::write(java_store(&path), "an earlier authority's").unwrap();
        let file = CertificateFile::write_to(path, "new").unwrap();
        assert!(file.path().exists() && !java_store(file.path()).exists());
    }

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
