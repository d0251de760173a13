//! The standard encryption of Office 2007: one key for the whole package ([MS-OFFCRYPTO] 2.3.4.5
//! to 2.3.4.9).

use super::encryption::{Cipher, Failure, Hash, content};
use crate::read::compound_file::u32_at;

/// How often a password is hashed.
const SPINS: u32 = 50_000;
/// Version and flags, before the size of the header.
const PREFIX_BYTES: usize = 8;
/// The bytes of a salt, of a verifier, and of its hash with padding.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 20;
const PADDED_HASH_BYTES: usize = 32;

/// Decrypts a package.
pub(super) fn open(info: &[u8], package: &[u8], password: &str) -> Result<Vec<u8>, Failure> {
    let (key_bytes, verifier) = header(info).ok_or(Failure::Unsupported)?;
    let (salt, rest) = verifier.split_at_checked(SALT_BYTES).ok_or(Failure::Unsupported)?;
    let (mut secret, mut hash) = rest
        .get(..SALT_BYTES)
        .zip(rest.get(SALT_BYTES + 4..SALT_BYTES + 4 + PADDED_HASH_BYTES))
        .map(|(secret, hash)| (secret.to_vec(), hash.to_vec()))
        .ok_or(Failure::Unsupported)?;
    let key = key(salt, password, key_bytes).ok_or(Failure::Unsupported)?;
    let cipher = Cipher::new(&key).ok_or(Failure::Unsupported)?;
    cipher.decrypt(&mut secret, None);
    cipher.decrypt(&mut hash, None);
    if Hash::Sha1.of(&secret, &[]) != hash[..HASH_BYTES] {
        return Err(Failure::WrongPassword);
    }
    let (encrypted, size) = content(package)?;
    let mut bytes = encrypted.to_vec();
    cipher.decrypt(&mut bytes, None);
    bytes.truncate(size);
    Ok(bytes)
}

/// The bytes of a key, and what follows the header from the salt on.
fn header(info: &[u8]) -> Option<(usize, &[u8])> {
    let header_bytes = u32_at(info, PREFIX_BYTES)? as usize;
    let header = info.get(PREFIX_BYTES + 4..)?.get(..header_bytes)?;
    let key_bytes = u32_at(header, 16)? as usize / 8;
    let salt_at = PREFIX_BYTES + 4 + header_bytes + 4;
    Some((key_bytes, info.get(salt_at..)?))
}

fn key(salt: &[u8], password: &str, bytes: usize) -> Option<Vec<u8>> {
    let hash = Hash::Sha1.of_password(salt, password, SPINS);
    let hash = Hash::Sha1.of(&hash, &0u32.to_le_bytes());
    let derived = |filler: u8| {
        let mut block = [filler; 64];
        block.iter_mut().zip(&hash).for_each(|(byte, mask)| *byte ^= mask);
        Hash::Sha1.of(&block, &[])
    };
    let key = [derived(0x36), derived(0x5c)].concat();
    Some(key.get(..bytes)?.to_vec())
}
