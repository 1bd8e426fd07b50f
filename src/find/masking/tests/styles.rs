//! What each style of a mask keeps.

use base64::Engine as _;

use super::*;

#[test]
fn with_its_length_kept_what_follows_a_secret_part_keeps_its_offset_in_each_window() {
    let token = specimen(&KINDS[0], 6);
    let edge = WINDOW - OVERLAP;
    let few = crate::effort::cases(2, 4) as usize;
    for at in [edge - 50, WINDOW - 40, edge - 1, edge].into_iter().take(few) {
        let mut text = b"lorem ipsum ".repeat((WINDOW + OVERLAP) / 12 + 1);
        text.splice(at..at, token.text.bytes());
        let mut wanted = text.clone();
        wanted[at + token.secret_at..at + token.text.len()].fill(b'*');
        let (out, masking) = styled_in(&Style::KeepLength, &text, || usize::MAX);
        assert!(out == wanted && masking.tokens == 1, "at {at}: {}", masking.tokens);
    }
}

#[test]
fn one_token_has_one_hash_however_it_is_written_and_another_key_another() {
    let (one, two) = (specimen(&KINDS[0], 5), specimen(&KINDS[0], 6));
    let base64 = base64::engine::general_purpose::STANDARD.encode(&one.text);
    let hash = |style: &Style, text: &str| {
        let (out, masking) = styled_in(style, text.as_bytes(), || usize::MAX);
        assert_eq!(masking.tokens, 1);
        let out = String::from_utf8(out).unwrap();
        let (_, hash) = out.trim_end().rsplit_once(['=', '.', ' ']).unwrap();
        assert_eq!((hash.len(), hash.matches("****").count()), (28, 2), "{out}");
        hash.to_owned()
    };
    let plain = hash(&key(1), &format!("a={}\n", one.text));
    assert_eq!(hash(&key(1), &format!("b: {}\n", one.text)), plain);
    assert_eq!(hash(&key(1), &format!("c {base64}\n")), plain);
    assert_ne!(hash(&key(1), &two.text), plain);
    assert_ne!(hash(&key(2), &one.text), plain);
}

#[test]
fn in_wide_characters_each_style_writes_wide_characters() {
    let token = specimen(&KINDS[0], 3);
    let hidden = |mask: &str| format!("\u{feff}key = {mask} # end\n");
    let little: fn(u16) -> [u8; 2] = u16::to_le_bytes;
    for wide in [little, u16::to_be_bytes] {
        let encode = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(wide).collect() };
        let text = encode(&hidden(&token.text));
        let kept = styled_in(&Style::KeepLength, &text, || 5).0;
        assert_eq!(kept, encode(&hidden(&"*".repeat(token.text.len()))));
        let hash = format!("****{}****", "0".repeat(20));
        assert_eq!(styled_in(&key(1), &text, || 5).0.len(), encode(&hidden(&hash)).len());
    }
}

#[test]
fn each_token_is_counted_once_though_it_is_in_pieces_or_stands_at_a_pause() {
    let token = specimen(&KINDS[0], 4).text;
    let text = format!("'{}' +\n '{}'\n{token} and {token}\n", &token[..50], &token[50..]);
    assert_eq!(masked_in(text.as_bytes(), || 9).1.tokens, 3);
    let mut masker = Masker::new(Vec::new());
    for piece in text.as_bytes().chunks(7) {
        masker.push(piece).unwrap();
        masker.pause().unwrap();
    }
    assert_eq!(masker.finish().unwrap().tokens, 3);
}
