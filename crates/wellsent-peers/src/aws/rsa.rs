//! A key of RSA, its certificate, and signatures with it, written out by hand: the other side checks with a library.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;

const SHA1_INFO: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
/// The length of the modulus in bytes.
const MODULUS_BYTES: usize = 256;

/// A key and the certificate of its public half.
pub struct Certificate {
    modulus: BigUint,
    exponent: BigUint,
    private: BigUint,
    pem: String,
}

impl Certificate {
    /// Makes a new key of 2,048 bits and certifies it, by itself, for a name.
    ///
    /// # Panics
    /// When the library makes no key.
    pub fn generate(name: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().expect("its form");
        let [modulus, exponent, private] = numbers(pkcs8.as_ref()).expect("three numbers of a key");
        let mut certificate = Self { modulus, exponent, private, pem: String::new() };
        let der = certificate.certify(name);
        let lines = STANDARD.encode(der).as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>();
        certificate.pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        certificate
    }

    /// The certificate as a file.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The public key in the form of PKCS #1.
    pub fn public_key(&self) -> Vec<u8> {
        sequence(&[&integer(&self.modulus), &integer(&self.exponent)])
    }

    /// A signature with SHA-1, in base64.
    pub fn sign_sha1(&self, text: &str) -> String {
        STANDARD.encode(self.sign(&SHA1_INFO, digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref()))
    }

    /// A signature with SHA-256, in base64.
    pub fn sign_sha256(&self, text: &str) -> String {
        STANDARD.encode(self.sign(&SHA256_INFO, digest(&SHA256, text.as_bytes()).as_ref()))
    }

    /// RFC 8017, section 9.2: padding, the name of the digest, the digest; then the private power.
    fn sign(&self, info: &[u8], digest: &[u8]) -> Vec<u8> {
        let tail = info.len() + digest.len();
        let mut block = vec![0x00, 0x01];
        block.resize(MODULUS_BYTES - tail - 1, 0xff);
        block.push(0x00);
        block.extend_from_slice(info);
        block.extend_from_slice(digest);
        let power = BigUint::from_bytes_be(&block).modpow(&self.private, &self.modulus).to_bytes_be();
        let mut signature = vec![0; MODULUS_BYTES - power.len()];
        signature.extend_from_slice(&power);
        signature
    }

    fn certify(&self, name: &str) -> Vec<u8> {
        const SHA256_WITH_RSA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
        const RSA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];
        const BASIC_CONSTRAINTS: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x13];
        const NULL: [u8; 2] = [0x05, 0x00];
        let algorithm = sequence(&[&SHA256_WITH_RSA, &NULL]);
        let common_name = sequence(&[&tagged(0x31, &[&sequence(&[&COMMON_NAME, &tagged(0x0c, &[name.as_bytes()])])])]);
        let validity = sequence(&[&tagged(0x17, &[b"250101000000Z"]), &tagged(0x17, &[b"450101000000Z"])]);
        let public = sequence(&[&sequence(&[&RSA, &NULL]), &tagged(0x03, &[&[0], &self.public_key()])]);
        let constraints = sequence(&[&BASIC_CONSTRAINTS, &tagged(0x04, &[&sequence(&[])])]);
        let tbs = sequence(&[
            &tagged(0xa0, &[&integer(&BigUint::from(2_u8))]),
            &integer(&BigUint::from(4_660_u32)),
            &algorithm,
            &common_name,
            &validity,
            &common_name,
            &public,
            &tagged(0xa3, &[&sequence(&[&constraints])]),
        ]);
        let signature = self.sign(&SHA256_INFO, digest(&SHA256, &tbs).as_ref());
        sequence(&[&tbs, &algorithm, &tagged(0x03, &[&[0], &signature])])
    }
}

fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut der = vec![tag];
    match content.len() {
        length @ ..=127 => der.push(length as u8),
        length @ ..=255 => der.extend([0x81, length as u8]),
        length => der.extend([0x82, (length >> 8) as u8, (length & 0xff) as u8]),
    }
    der.extend(content);
    der
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tagged(0x30, parts)
}

fn integer(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let sign: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
    tagged(0x02, &[sign, &bytes])
}

/// Takes one element off the front: its tag and content.
fn take<'a>(der: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        ..=0x7f => (usize::from(first), rest),
        _ => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *der = rest;
    Some((tag, content))
}

/// Modulus, public and private exponent out of a key's PKCS #8 form.
fn numbers(pkcs8: &[u8]) -> Option<[BigUint; 3]> {
    let mut outer = take(&mut &*pkcs8)?.1;
    take(&mut outer)?;
    take(&mut outer)?;
    let mut key = take(&mut &*take(&mut outer)?.1)?.1;
    take(&mut key)?;
    let mut number = || take(&mut key).map(|(_, bytes)| BigUint::from_bytes_be(bytes));
    Some([number()?, number()?, number()?])
}
