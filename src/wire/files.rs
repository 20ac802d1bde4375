//! Files of users: read with a limit, written whole or not at all.

mod pair;

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

pub(crate) use self::pair::write as write_story_and_feature;

/// Most of a story that is read. The limit of stories is lower, and its error shows where.
pub(crate) const STORY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Tells the unfinished files of one process apart.
static PARTS: AtomicU32 = AtomicU32::new(0);

/// Reads a text of at most `most` bytes.
///
/// # Errors
/// If it cannot be read, if it is longer, or if it is neither a file nor an open stream such as `/dev/stdin`:
/// a pipe without a writer would never answer.
pub(crate) fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read_bytes(path, most)?).map_err(|_| {
        let says = "it is not a text in UTF-8 (it may be in Latin-1 or UTF-16: save it as UTF-8)";
        io::Error::new(io::ErrorKind::InvalidData, says)
    })
}

/// Reads at most `most` bytes, as [`read_text`] does.
///
/// # Errors
/// As there, whatever the bytes are.
pub(crate) fn read_bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let kind = fs::metadata(path)?;
    if let Some(what) = no_file(&kind).filter(|_| !is_open_already(path)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a file")));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let says = format!("it is longer than {most} bytes, the most that is read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, says));
    }
    Ok(bytes)
}

/// What this is instead of a file.
fn no_file(kind: &Metadata) -> Option<&'static str> {
    let kind = kind.file_type();
    if kind.is_dir() {
        Some("a folder")
    } else if kind.is_fifo() {
        Some("a named pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("a device")
    } else {
        None
    }
}

/// Whether a shell or another program has opened this for us: standard input, or `<(…)`.
fn is_open_already(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

/// Writes a file. What is no regular file, such as `/dev/stdout`, is written as it is; a file appears with
/// all of its content or not at all, and a link stays a link.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(mut stream) = standard_stream(path)? {
        return stream.write_all(content);
    }
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return fs::write(path, content);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let part = part_of(&target)?;
    let written = put_in(&part, content).and_then(|()| {
        if let Some(there) = &there {
            fs::set_permissions(&part, there.permissions())?;
        }
        fs::rename(&part, &target)
    });
    if written.is_err() {
        let _gone = fs::remove_file(&part);
    }
    written
}

/// Whether this is standard output or standard error.
pub(crate) fn is_standard_stream(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr"].iter().any(|stream| path == Path::new(stream))
}

/// The standard stream with this path. A shell may have opened a file for it, which must not be replaced: what is
/// written there goes on where the last line ended.
fn standard_stream(path: &Path) -> io::Result<Option<File>> {
    Ok(match path.to_str() {
        Some("/dev/stdout") => Some(io::stdout().as_fd().try_clone_to_owned()?.into()),
        Some("/dev/stderr") => Some(io::stderr().as_fd().try_clone_to_owned()?.into()),
        Some(_) | None => None,
    })
}

/// Checks that [`write_whole`] can write here, without leaving anything behind.
///
/// # Errors
/// If it cannot.
pub(crate) fn can_be_written(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(_) if is_standard_stream(path) => Ok(()),
        Ok(there) if there.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(there) if !there.is_file() => Ok(()),
        Ok(_) | Err(_) => {
            let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let part = part_of(&target)?;
            // A byte, as a full disk takes empty files.
            let written = put_in(&part, b"\n");
            let _gone = fs::remove_file(&part);
            written
        }
    }
}

/// Creates the folder, and checks that files can be written in it.
///
/// # Errors
/// If it cannot.
pub(crate) fn can_be_filled(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    can_be_written(&folder.join("lostkey"))
}

/// The name of the unfinished file, next to the file.
fn part_of(path: &Path) -> io::Result<PathBuf> {
    let number = PARTS.fetch_add(1, Ordering::Relaxed);
    let mut part = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    part.push(format!(".{}-{number}.part", std::process::id()));
    Ok(path.with_file_name(part))
}

fn put_in(part: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(part)?;
    file.write_all(content)?;
    // Some file systems tell only now that they are full.
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder for one test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lostkey-{name}-{}", std::process::id()));
        let _was_there = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = all.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_files_of_limited_length_are_read() {
        let folder = folder("read");
        let says = |path: &Path| read_text(path, 4).unwrap_err().to_string();
        let file = folder.join("file");
        fs::write(&file, "abcd").unwrap();
        assert_eq!(read_text(&file, 4).unwrap(), "abcd");
        fs::write(&file, "abcde").unwrap();
        assert_eq!(says(&file), "it is longer than 4 bytes, the most that is read");
        fs::write(&file, b"\xff").unwrap();
        assert_eq!(
            says(&file),
            "it is not a text in UTF-8 (it may be in Latin-1 or UTF-16: save it as UTF-8)"
        );
        assert_eq!(says(Path::new("/dev/zero")), "it is a device, not a file");
        assert_eq!(says(&folder), "it is a folder, not a file");
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(says(&pipe), "it is a named pipe, not a file");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_is_whole_or_not_there_and_a_link_stays_a_link() {
        let folder = folder("write");
        let (file, link) = (folder.join("file"), folder.join("link"));
        write_whole(&file, b"one").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write_whole(&link, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(&folder), ["file", "link"]);
        can_be_written(&file).unwrap();
        can_be_written(&folder.join("new")).unwrap();
        assert!(can_be_written(&folder).is_err());
        assert!(can_be_written(&folder.join("none/new")).is_err());
        assert!(write_whole(&folder.join("none/new"), b"").is_err());
        assert!(can_be_filled(&file).is_err());
        assert_eq!(names(&folder), ["file", "link"]);
        assert!(write_whole(Path::new("/dev/full"), b"x").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
