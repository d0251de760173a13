//! Packages of Office that a password encrypts, in the agile and the standard way ([MS-OFFCRYPTO]
//! 2.3.4.5 to 2.3.4.15).

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::convert::undecryptable;
use super::{agile, standard, streams};
use crate::error::{Error, Result};
use crate::read::Input;
use crate::read::compound_file::{CompoundFile, u16_at};

/// The bytes of a block of AES.
pub(super) const BLOCK_BYTES: usize = 16;
/// The password of files that Office only protects against changes.
const DEFAULT_PASSWORD: &str = "VelvetSweatshop";

/// The package that an encrypted file holds; none where the file is not encrypted.
///
/// # Errors
/// [`Error::PasswordRequired`], [`Error::WrongPassword`],
/// [`Error::UnsupportedFormat`] for another encryption than AES, [`Error::DamagedFile`].
pub(super) fn decrypted(input: &Input<'_>) -> Result<Option<Vec<u8>>> {
    if !CompoundFile::is_compound_file(input.bytes) {
        return Ok(None);
    }
    let file = streams::open(input)?;
    let root = file.children(0);
    let stream = |name| file.stream(&root, name);
    let (Some(info), Some(package)) = (stream("EncryptionInfo"), stream("EncryptedPackage")) else {
        return Err(input.damaged("it is no package of Office"));
    };
    let password = input.password.unwrap_or(DEFAULT_PASSWORD);
    let opened = match (u16_at(&info, 0), u16_at(&info, 2)) {
        (Some(4), Some(4)) => agile::open(&info, &package, password),
        (Some(2..=4), Some(2)) => standard::open(&info, &package, password),
        _ => Err(Failure::Unsupported),
    };
    let name = || input.name.to_owned();
    match (opened, input.password) {
        (Ok(package), _) => Ok(Some(package)),
        (Err(_), None) => Err(Error::PasswordRequired { name: name() }),
        (Err(Failure::WrongPassword), Some(_)) => Err(Error::WrongPassword { name: name() }),
        (Err(Failure::Unsupported), Some(_)) => Err(undecryptable(input)),
    }
}

/// Why a package does not open.
pub(super) enum Failure {
    WrongPassword,
    Unsupported,
}

/// A password as it is hashed.
pub(super) fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The encrypted bytes of a package, and how many there are when they are plain.
pub(super) fn content(package: &[u8]) -> Result<(&[u8], usize), Failure> {
    let (size, encrypted) = package.split_first_chunk().ok_or(Failure::Unsupported)?;
    let size = u64::from_le_bytes(*size).min(encrypted.len() as u64) as usize;
    Ok((encrypted, size))
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The function of the name that the agile way gives it.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SHA1" | "SHA-1" => Self::Sha1,
            "SHA256" => Self::Sha256,
            "SHA384" => Self::Sha384,
            "SHA512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The hash of two texts, one after the other.
    pub(super) fn of(self, first: &[u8], second: &[u8]) -> Vec<u8> {
        fn digest<D: Digest>(first: &[u8], second: &[u8]) -> Vec<u8> {
            D::new().chain_update(first).chain_update(second).finalize().to_vec()
        }
        match self {
            Self::Sha1 => digest::<Sha1>(first, second),
            Self::Sha256 => digest::<Sha256>(first, second),
            Self::Sha384 => digest::<Sha384>(first, second),
            Self::Sha512 => digest::<Sha512>(first, second),
        }
    }

    /// The hash of a salted password, hashed again `count` times, each time after the number.
    pub(super) fn of_password(self, salt: &[u8], password: &str, count: u32) -> Vec<u8> {
        let first = self.of(salt, &utf16(password));
        (0..count).fold(first, |hash, number| self.of(&number.to_le_bytes(), &hash))
    }
}

/// AES with one key.
pub(super) enum Cipher {
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
}

impl Cipher {
    /// None for a key of another length.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Aes128(Box::new(Aes128::new_from_slice(key).ok()?)),
            24 => Self::Aes192(Box::new(Aes192::new_from_slice(key).ok()?)),
            32 => Self::Aes256(Box::new(Aes256::new_from_slice(key).ok()?)),
            _ => return None,
        })
    }

    /// Decrypts whole blocks: each by itself, or with `start` as a chain (CBC). A part of a block
    /// at the end is left as it is.
    pub(super) fn decrypt(&self, bytes: &mut [u8], start: Option<[u8; BLOCK_BYTES]>) {
        let mut before = start;
        for chunk in bytes.as_chunks_mut::<BLOCK_BYTES>().0 {
            let encrypted = *chunk;
            let block = <&mut Block>::from(&mut *chunk);
            match self {
                Self::Aes128(cipher) => cipher.decrypt_block(block),
                Self::Aes192(cipher) => cipher.decrypt_block(block),
                Self::Aes256(cipher) => cipher.decrypt_block(block),
            }
            if let Some(before) = &mut before {
                chunk.iter_mut().zip(*before).for_each(|(byte, mask)| *byte ^= mask);
                *before = encrypted;
            }
        }
    }
}
