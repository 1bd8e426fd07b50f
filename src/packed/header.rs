//! How an object in a pack begins.

/// The type and size at the start of an object, and the length of their encoding.
pub fn object_header(bytes: &[u8]) -> Option<(u8, u64, usize)> {
    let first = *bytes.first()?;
    let (mut size, mut shift, mut length, mut last) = (u64::from(first & 0x0f), 4, 1, first);
    while last & 0x80 != 0 {
        last = *bytes.get(length)?;
        size |= u64::from(last & 0x7f).checked_shl(shift).filter(|_| shift < 60)?;
        shift += 7;
        length += 1;
    }
    Some((first >> 4 & 7, size, length))
}

/// The distance from an object back to its base, and the length of its encoding.
pub fn distance(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut last = *bytes.first()?;
    let (mut distance, mut length) = (u64::from(last & 0x7f), 1);
    while last & 0x80 != 0 {
        last = *bytes.get(length)?;
        distance = distance.checked_add(1)?.checked_mul(128)? + u64::from(last & 0x7f);
        length += 1;
    }
    Some((distance, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_too_long_is_no_header_and_no_other() {
        let long = |bytes: usize| [vec![0x81; bytes], vec![1, 9]].concat();
        assert_eq!(object_header(&[0xb5, 0x81, 0x01]), Some((3, 5 + 16 + 2048, 3)));
        assert_eq!(object_header(&long(7)).map(|(.., length)| length), Some(8));
        assert_eq!(object_header(&long(8)).map(|(.., length)| length), Some(9));
        assert_eq!(object_header(&long(9)), None);
        assert_eq!(distance(&[0x80, 0x00]), Some((128, 2)));
        assert_eq!(distance(&[0x81, 0x85, 0x07]), Some((((1 + 1) * 128 + 5 + 1) * 128 + 7, 3)));
        assert_eq!(distance(&[0xff; 20]), None);
    }
}
