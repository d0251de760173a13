//! The agile encryption of Office 2010 and later: a password opens the key of the package
//! ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::encryption::{BLOCK_BYTES, Cipher, Failure, Hash, content};

/// How often a password may be hashed; Office writes 100,000.
const MAX_SPINS: u32 = 1_000_000;
/// The package is encrypted in segments of so many bytes.
const SEGMENT_BYTES: usize = 4096;
/// Version and flags, before the XML.
const PREFIX_BYTES: usize = 8;
/// What is hashed with the password, for each use of a key.
const FOR_VERIFIER: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const FOR_VERIFIER_HASH: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const FOR_KEY: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];
/// What fills a hash that is too short.
const FILLER: u8 = 0x36;

/// How something is encrypted.
struct Scheme {
    salt: Vec<u8>,
    key_bytes: usize,
    hash: Hash,
}

/// What a password opens.
struct PasswordKey {
    scheme: Scheme,
    spins: u32,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
    key: Vec<u8>,
}

/// Decrypts a package.
pub(super) fn open(info: &[u8], package: &[u8], password: &str) -> Result<Vec<u8>, Failure> {
    let (scheme, password_key) = read(info).ok_or(Failure::Unsupported)?;
    let key = password_key.open(password)?;
    let cipher = Cipher::new(&key).ok_or(Failure::Unsupported)?;
    let (encrypted, size) = content(package)?;
    let mut bytes = encrypted.to_vec();
    for (number, segment) in (0u32..).zip(bytes.chunks_mut(SEGMENT_BYTES)) {
        let start = fit(scheme.hash.of(&scheme.salt, &number.to_le_bytes()), BLOCK_BYTES);
        cipher.decrypt(segment, start.try_into().ok());
    }
    bytes.truncate(size);
    Ok(bytes)
}

impl PasswordKey {
    /// The key of the package.
    fn open(&self, password: &str) -> Result<Vec<u8>, Failure> {
        let Scheme { salt, key_bytes, hash } = &self.scheme;
        let spun = hash.of_password(salt, password, self.spins);
        let decrypt = |purpose: &[u8], encrypted: &[u8]| {
            let cipher = Cipher::new(&fit(hash.of(&spun, purpose), *key_bytes))?;
            let mut bytes = encrypted.to_vec();
            cipher.decrypt(&mut bytes, fit(salt.clone(), BLOCK_BYTES).try_into().ok());
            Some(bytes)
        };
        let unsupported = || Failure::Unsupported;
        let verifier = decrypt(&FOR_VERIFIER, &self.verifier).ok_or_else(unsupported)?;
        let stated = decrypt(&FOR_VERIFIER_HASH, &self.verifier_hash).ok_or_else(unsupported)?;
        let verifier = &verifier[..verifier.len().min(salt.len())];
        if !stated.starts_with(&hash.of(verifier, &[])) {
            return Err(Failure::WrongPassword);
        }
        let key = decrypt(&FOR_KEY, &self.key).ok_or_else(unsupported)?;
        Ok(fit(key, *key_bytes))
    }
}

/// The first bytes, or all of them with filling.
fn fit(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length, FILLER);
    bytes
}

/// How the package and how its key are encrypted; none where that is not as it should be.
fn read(info: &[u8]) -> Option<(Scheme, PasswordKey)> {
    let mut reader = Reader::from_str(std::str::from_utf8(info.get(PREFIX_BYTES..)?).ok()?);
    let (mut package, mut password) = (None, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "keyData" => package = Some(scheme(&tag)?),
                "encryptedKey" => password = Some(password_key(&tag)?),
                _ => {}
            },
            Event::Eof => return package.zip(password),
            _ => {}
        }
    }
}

fn scheme(tag: &BytesStart<'_>) -> Option<Scheme> {
    let is_known = attribute(tag, "cipherAlgorithm")? == "AES"
        && attribute(tag, "cipherChaining")? == "ChainingModeCBC"
        && attribute(tag, "blockSize")? == BLOCK_BYTES.to_string();
    let key_bytes = attribute(tag, "keyBits")?.parse::<usize>().ok()? / 8;
    let (salt, hash) = (bytes(tag, "saltValue")?, Hash::named(&attribute(tag, "hashAlgorithm")?)?);
    (is_known && matches!(key_bytes, 16 | 24 | 32)).then_some(Scheme { salt, key_bytes, hash })
}

fn password_key(tag: &BytesStart<'_>) -> Option<PasswordKey> {
    let spins = attribute(tag, "spinCount")?.parse().ok().filter(|&spins| spins <= MAX_SPINS)?;
    Some(PasswordKey {
        scheme: scheme(tag)?,
        spins,
        verifier: bytes(tag, "encryptedVerifierHashInput")?,
        verifier_hash: bytes(tag, "encryptedVerifierHashValue")?,
        key: bytes(tag, "encryptedKeyValue")?,
    })
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut known = attributes.with_checks(false).flatten();
    Some(known.find(|attribute| attribute.key.as_ref() == name)?.value.into_owned())
}

fn bytes(tag: &BytesStart<'_>, name: &str) -> Option<Vec<u8>> {
    base64::decode(attribute(tag, name)?).ok()
}
