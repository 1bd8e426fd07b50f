//! Masks: what replaces a secret part.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::super::{MASK, Match};
use crate::token::Fingerprint;

/// A style of masks.
#[derive(Debug, Clone, Default)]
pub enum Style {
    /// [`MASK`], however long the secret part is.
    #[default]
    Fixed,
    /// A `*` for each byte, so that offsets stay the same. Line ends stay, and so do the NULs
    /// of wide characters.
    KeepLength,
    /// A keyed hash between stars; the same for a secret part in any encoding.
    Hash(Box<MaskKey>),
}

/// The key of [`Style::Hash`]: HMAC-SHA-256 that has read it.
#[derive(Debug, Clone)]
pub struct MaskKey {
    inner: Sha256,
    outer: Sha256,
}

impl MaskKey {
    /// The shortest key, in bytes.
    pub const SHORTEST: usize = 16;
    /// How long the blocks of SHA-256 are, in bytes.
    const BLOCK: usize = 64;
    /// How many bytes of the hash are shown. In hex these are no token of an old format, which
    /// has 16 or 21 characters.
    const SHOWN: usize = 10;

    /// `None` if `key` is shorter than [`MaskKey::SHORTEST`].
    pub fn new(key: &[u8]) -> Option<Self> {
        (key.len() >= Self::SHORTEST).then(|| Self::of(key))
    }

    fn of(key: &[u8]) -> Self {
        let mut block = [0; Self::BLOCK];
        let hashed = Sha256::digest(key);
        let key = if key.len() > Self::BLOCK { &hashed[..] } else { key };
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let padded = |pad: u8| Sha256::new_with_prefix(block.map(|byte| byte ^ pad));
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    fn hash(&self, message: &[u8]) -> [u8; 32] {
        let inner = self.inner.clone().chain_update(message).finalize();
        self.outer.clone().chain_update(inner).finalize().into()
    }

    /// The mask for the secret part with this `fingerprint`.
    fn mask(&self, fingerprint: Fingerprint) -> String {
        let hash = self.hash(fingerprint.as_bytes());
        let hex: String = hash.iter().take(Self::SHOWN).map(|byte| format!("{byte:02x}")).collect();
        // The stars part it from what stands beside it: the end of a longer word, perhaps.
        format!("****{hex}****")
    }
}

/// A secret part and its mask.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    pub(super) range: Range<usize>,
    pub(super) mask: Vec<u8>,
    /// How many bytes a character takes.
    pub(super) width: usize,
    /// How many tokens begin with it: none where it is a later part of one.
    pub(super) tokens: usize,
}

impl Style {
    /// The secret parts of `found` in `text`; without masks where [`Style::cover`] makes them.
    pub(super) fn secrets(&self, found: &Match, text: &[u8]) -> Vec<Secret> {
        let width = found.encodings.width();
        let parts = found.secrets().iter().enumerate().map(|(number, range)| {
            let mask = match self {
                Self::Fixed => widened(MASK, width, range, text),
                Self::KeepLength => Vec::new(),
                Self::Hash(key) => widened(&key.mask(found.fingerprint), width, range, text),
            };
            Secret { range: range.clone(), mask, width, tokens: usize::from(number == 0) }
        });
        parts.collect()
    }

    /// Makes the masks that depend on how much of `original` they replace.
    pub(super) fn cover(&self, secrets: &mut [Secret], original: &[u8]) {
        if !matches!(self, Self::KeepLength) {
            return;
        }
        for secret in secrets {
            let stays = |byte: u8| byte == 0 && secret.width > 1 || matches!(byte, b'\r' | b'\n');
            let bytes = original.get(secret.range.clone()).unwrap_or_default();
            secret.mask = bytes.iter().map(|byte| if stays(*byte) { *byte } else { b'*' }).collect();
        }
    }

    /// What is left of the mask of `secret` to write once all before `done` is written, which
    /// ends in a mask if it is `masked`.
    pub(super) fn rest<'s>(&self, secret: &'s Secret, done: usize, masked: bool) -> &'s [u8] {
        let begun = done.saturating_sub(secret.range.start);
        match self {
            Self::KeepLength => secret.mask.get(begun..).unwrap_or_default(),
            // The rest of one that is masked already gets no second mask.
            _ if begun > 0 && masked => &[],
            _ => &secret.mask,
        }
    }
}

/// `mask` for `secret`, in characters as `width` as those of the text.
fn widened(mask: &str, width: usize, secret: &Range<usize>, text: &[u8]) -> Vec<u8> {
    if width == 1 {
        return mask.as_bytes().to_vec();
    }
    // A match may begin and end with the letter itself or with the NULs beside it.
    let nulls = vec![0; width - 1];
    let is_null = |at: Option<usize>| at.and_then(|at| text.get(at)) == Some(&0);
    let mut mask: Vec<u8> = mask.bytes().flat_map(|star| [&nulls[..], &[star]].concat()).collect();
    if !is_null(Some(secret.start)) {
        mask.drain(..width - 1);
    }
    if is_null(secret.end.checked_sub(1)) {
        mask.extend(nulls);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_hmac_sha_256_as_rfc_4231_has_it() {
        let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        for (key, message, wanted) in [
            (
                &b"Jefe"[..],
                &b"what do ya want for nothing?"[..],
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(MaskKey::of(key).hash(message)), wanted);
        }
        assert!(MaskKey::new(&[b'k'; 15]).is_none() && MaskKey::new(&[b'k'; 16]).is_some());
    }
}
