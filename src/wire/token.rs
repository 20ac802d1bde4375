//! The token that clients must show to a server that is reachable beyond this machine.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::wire::files::read_text;

/// Shortest token, in characters.
pub const TOKEN_MIN: usize = 16;

/// Longest token, in characters.
pub const TOKEN_MAX: usize = 256;

/// Most of a file that is read for a token, in bytes.
const FILE_MAX: u64 = 64 * 1024;

/// Why a text or a file has no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read the token in {path}: {source}")]
    NotRead {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Anybody on this machine can read the file.
    #[error("everybody on this machine can read the token in {path}; run `chmod 600 {path}`")]
    Public {
        /// The file.
        path: PathBuf,
    },
    /// The token has too few or too many characters.
    #[error(
        "a token has {TOKEN_MIN} to {TOKEN_MAX} characters, not {0}; `openssl rand -hex 32` writes a good one"
    )]
    Length(usize),
    /// The token has a character that does not fit into URLs.
    #[error(
        "a token has letters, digits, `-`, `.`, `_` and `~` only, so that it fits into URLs; \
         `openssl rand -hex 32` writes a good one"
    )]
    Character,
}

/// A token. Only its hash is kept, and comparing takes the same time whatever is shown.
#[derive(Clone)]
pub struct Token {
    hash: [u8; 32],
    /// The file that it was read from.
    path: Option<PathBuf>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(••••••)")
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.hash.ct_eq(&other.hash).into()
    }
}

impl Eq for Token {}

impl Token {
    /// A token with these characters.
    ///
    /// # Errors
    /// [`TokenError`] if it is too short or too long, or has other characters than those of URLs.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let length = text.chars().count();
        if !(TOKEN_MIN..=TOKEN_MAX).contains(&length) {
            return Err(TokenError::Length(length));
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) {
            return Err(TokenError::Character);
        }
        Ok(Self { hash: Sha256::digest(text).into(), path: None })
    }

    /// Reads the token in a file, without the white space around it.
    ///
    /// # Errors
    /// [`TokenError`] if the file cannot be read, if anybody can read it, or if it holds no token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let not_read = |source| TokenError::NotRead { path: path.to_owned(), source };
        let mode = fs::metadata(path).map_err(not_read)?.permissions().mode();
        if mode & 0o004 != 0 {
            return Err(TokenError::Public { path: path.to_owned() });
        }
        let text = read_text(path, FILE_MAX).map_err(not_read)?;
        Ok(Self { path: Some(path.to_owned()), ..Self::new(text.trim())? })
    }

    /// The file that it was read from.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What stands for the token in a line for a shell: a command that reads its file, or a word.
    pub fn in_shell(&self) -> String {
        match &self.path {
            Some(path) => format!("$(cat '{}')", path.display().to_string().replace('\'', r"'\''")),
            None => "TOKEN".to_owned(),
        }
    }

    /// Whether this is the token.
    pub fn is(&self, shown: &str) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.hash.ct_eq(&shown).into()
    }

    /// A text by which a browser proves that it has shown the token, and which is not the token.
    pub fn proof(&self) -> String {
        let proof = Sha256::new().chain_update(b"lostkey cookie ").chain_update(self.hash).finalize();
        proof.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether credentials of Basic authentication bring the token: as the password, or as the user without one.
    pub fn is_in_basic(&self, header: &str) -> bool {
        let Some((scheme, text)) = header.split_once(' ') else { return false };
        if !scheme.eq_ignore_ascii_case("Basic") {
            return false;
        }
        let text = STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match text.as_deref().and_then(|text| text.split_once(':')) {
            Some((user, "")) => self.is(user),
            Some((_, password)) => self.is(password),
            None => false,
        }
    }

    /// Whether a header `Authorization: Bearer …` brings the token.
    pub fn is_bearer(&self, header: &str) -> bool {
        let scheme = header.split_once(' ');
        scheme.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("Bearer") && self.is(token.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "0123456789abcdef";

    #[test]
    fn a_token_is_long_and_fits_into_urls() {
        for good in [GOOD, "a-b.c_d~0123456789", &"x".repeat(TOKEN_MAX)] {
            assert!(Token::new(good).unwrap().is(good), "{good}");
        }
        for (bad, says) in [
            ("", "16 to 256"),
            ("0123456789abcde", "not 15"),
            (&"x".repeat(TOKEN_MAX + 1), "not 257"),
            ("0123456789abcde+", "URLs"),
            ("0123456789 abcdef", "URLs"),
            ("0123456789abcdefé", "URLs"),
        ] {
            let error = Token::new(bad).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("openssl rand -hex 32"), "{bad}: {error}");
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
    }

    #[test]
    fn a_token_is_shown_in_several_ways_and_never_printed() {
        let token = Token::new(GOOD).unwrap();
        let basic = |text: &str| format!("basic {}", STANDARD.encode(text));
        for (header, is_basic, is_bearer) in [
            (basic(&format!("ana:{GOOD}")), true, false),
            (basic(&format!("{GOOD}:")), true, false),
            (basic(&format!("{GOOD}:x")), false, false),
            (basic("ana:"), false, false),
            (basic(""), false, false),
            (format!("Bearer {GOOD}"), false, true),
            (format!("bearer  {GOOD} "), false, true),
            (format!("Bearer {GOOD}x"), false, false),
            ("Basic ???".to_owned(), false, false),
            (GOOD.to_owned(), false, false),
            (String::new(), false, false),
        ] {
            assert_eq!(
                (token.is_in_basic(&header), token.is_bearer(&header)),
                (is_basic, is_bearer),
                "{header}"
            );
        }
        let printed = format!("{token:?} {}", token.proof());
        assert!(!printed.contains(GOOD) && token.proof().len() == 64, "{printed}");
        assert_ne!(token.proof(), Token::new("another-token-of-16").unwrap().proof());
    }

    #[test]
    fn a_file_that_anybody_can_read_is_refused() {
        let path = std::env::temp_dir().join(format!("lostkey-token-{}", std::process::id()));
        assert!(matches!(Token::read(&path), Err(TokenError::NotRead { .. })));
        fs::write(&path, format!("\n  {GOOD}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let says = Token::read(&path).unwrap_err().to_string();
        assert!(says.contains(&format!("chmod 600 {}", path.display())), "{says}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let token = Token::read(&path).unwrap();
        assert!(token.is(GOOD) && token.path() == Some(path.as_path()));
        fs::write(&path, "short\n").unwrap();
        assert!(matches!(Token::read(&path), Err(TokenError::Length(5))));
        fs::remove_file(&path).unwrap();
    }
}
