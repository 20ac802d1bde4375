//! Tells builds of one version apart: they may find different things.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Read as _};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// A digest of the program that runs.
pub(super) fn id() -> io::Result<String> {
    let mut digest = DefaultHasher::new();
    let mut program = File::open(std::env::current_exe()?)?;
    let mut bytes = vec![0; CHUNK];
    loop {
        match program.read(&mut bytes)? {
            0 => return Ok(format!("{:016x}", digest.finish())),
            count => digest.write(&bytes[..count]),
        }
    }
}
