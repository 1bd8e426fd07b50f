//! What was drawn or computed: digests, keys, certificates, dumps, other vendors'
//! tokens.

use std::fmt::Write as _;

use super::{
    ALNUM, BASE32, BASE64, DIGITS, Entry, HEX, HEX_UPPER, LOWER_DIGITS, Random, UPPER, UPPER_DIGITS, about,
    base64, base64url, bytes, drawn, lines_of, name, repeated, sentence, uuid, version, word,
};

pub const SORTS: [Entry; 25] = [
    ("base64 on one line", |random| base64(&content(random)).into()),
    ("base64 of base64", |random| base64(base64(&content(random)).as_bytes()).into()),
    ("base64 in lines", base64_in_lines),
    ("base64 as a value", base64_as_a_value),
    ("digests", digests),
    ("PEM", pem),
    ("an armoured message", armoured),
    ("SSH keys", ssh_keys),
    ("JSON Web Tokens of others", jwts),
    ("tokens of other vendors", vendors),
    ("UUIDs", |random| lines(random, 30, |random| uuid(random) + "\n")),
    ("a hex dump", hex_dump),
    ("an array of bytes", array),
    ("a registry file", registry),
    ("Intel HEX", intel_hex),
    ("serial numbers", serial_numbers),
    ("TOTP secrets", totp),
    ("protein sequences", proteins),
    ("a DNS zone", zone),
    ("random bytes", |random| {
        let length = about(random, 2000);
        bytes(random, length)
    }),
    ("random letters and digits", |random| {
        let alphabet = *random.pick(&[ALNUM, BASE32, UPPER_DIGITS, LOWER_DIGITS, UPPER, HEX_UPPER]);
        let width = *random.pick(&[8, 24, 60, 64, 76, 96, 5000]);
        let length = about(random, 1000);
        lines_of(&drawn(random, alphabet, length), width, "\n").into()
    }),
    ("parts between dots", |random| {
        lines(random, 20, |random| {
            let mut part = |length| drawn(random, BASE32, length);
            format!("{}.{}.{}\n", part(6), part(24), part(64))
        })
    }),
    ("one character a line", |random| lines(random, 300, |random| drawn(random, ALNUM, 1) + "\n")),
    ("quoted base64 in pieces", |random| {
        let joint = *random.pick(&["\" +\n  \"", "\"\n  \"", "' . '", "\\n\" +\n \"", "\",\n\""]);
        let text = base64(&content(random));
        format!("x = \"{}\";\n", lines_of(&text, 76, joint)).into()
    }),
    ("a patch of digests", |random| {
        lines(random, 20, |random| {
            let sign = *random.pick(&["+", "-", " "]);
            format!("{sign}{}  {}\n", drawn(random, HEX, 64), name(random))
        })
    }),
];

fn lines(random: &mut Random, least: usize, write: impl FnMut(&mut Random) -> String) -> Vec<u8> {
    let times = about(random, least);
    repeated(random, times, write).into()
}

/// What is put into base64: text or anything.
fn content(random: &mut Random) -> Vec<u8> {
    let times = about(random, 20);
    match random.below(2) {
        0 => repeated(random, times, |random| sentence(random) + "\n").into(),
        _ => bytes(random, times * 40),
    }
}

fn base64_in_lines(random: &mut Random) -> Vec<u8> {
    let width = *random.pick(&[1, 4, 19, 57, 60, 64, 72, 76, 77, 120]);
    let joint = *random.pick(&["\n", "\r\n", "\n    ", "\n# ", "\n// ", "\n > ", " \\\n", "\\n", "\r"]);
    lines_of(&base64(&content(random)), width, joint).into()
}

fn base64_as_a_value(random: &mut Random) -> Vec<u8> {
    let value = base64(&content(random));
    match random.below(5) {
        0 => format!("<img src=\"data:image/png;base64,{value}\"/>\n"),
        1 => format!("@font-face{{src:url(data:font/woff2;base64,{value}) format(\"woff2\")}}"),
        2 => format!("apiVersion: v1\nkind: Secret\ndata:\n  {}: {value}\n", name(random)),
        3 => format!(
            "{{\"cells\":[{{\"outputs\":[{{\"data\":{{\"image/png\":\"{}\\n\"}}}}]}}]}}",
            lines_of(&value, 76, "\\n")
        ),
        _ => format!("{{\"{}\": \"{value}\"}}\n", name(random)),
    }
    .into()
}

fn digests(random: &mut Random) -> Vec<u8> {
    let alphabet = *random.pick(&[HEX, HEX_UPPER]);
    let length = *random.pick(&[32, 40, 56, 64, 96, 128]);
    let style = random.below(4);
    lines(random, 15, |random| {
        let (digest, name) = (drawn(random, alphabet, length), name(random));
        match style {
            0 => format!("{digest}  {name}\n"),
            1 => format!("SHA256 ({name}) = {digest}\n"),
            2 => format!("{name}.{digest}\n"),
            _ => format!("{digest}\n"),
        }
    })
}

fn pem(random: &mut Random) -> Vec<u8> {
    let what = *random.pick(&["CERTIFICATE", "PRIVATE KEY", "RSA PRIVATE KEY", "PUBLIC KEY", "X509 CRL"]);
    let joint = *random.pick(&["\n", "\r\n", "\\n", "\n    ", "\\n\" +\n  \""]);
    let length = about(random, 300);
    let body = base64(&[b"\x30\x82\x04\xa2\x02\x01\0".to_vec(), bytes(random, length)].concat());
    let body = lines_of(&body, 64, joint);
    format!("-----BEGIN {what}-----{joint}{body}{joint}-----END {what}-----{joint}").into()
}

fn armoured(random: &mut Random) -> Vec<u8> {
    let length = about(random, 300);
    let body = lines_of(&base64(&bytes(random, length)), 64, "\n");
    let sum = drawn(random, BASE64, 4);
    format!("-----BEGIN PGP MESSAGE-----\nVersion: GnuPG v2\n\n{body}\n={sum}\n-----END PGP MESSAGE-----\n")
        .into()
}

fn ssh_keys(random: &mut Random) -> Vec<u8> {
    lines(random, 3, |random| {
        let (kind, length) =
            *random.pick(&[("ssh-rsa", 256), ("ssh-ed25519", 51), ("ecdsa-sha2-nistp256", 104)]);
        let key = [b"\0\0\0\x07ssh-rsa\0\0\x01".to_vec(), bytes(random, length)].concat();
        format!("{} {kind} {} {}@{}\n", name(random), base64(&key), word(random), name(random))
    })
}

fn jwts(random: &mut Random) -> Vec<u8> {
    lines(random, 4, |random| {
        let issuer =
            *random.pick(&["https://login.example.com/", "kubernetes/serviceaccount", "dynatrace-users"]);
        let claims = format!(
            "{{\"iss\":\"{issuer}\",\"sub\":\"{}\",\"aud\":[\"{}\"],\"exp\":{}}}",
            uuid(random),
            word(random),
            1_600_000_000 + random.below(100_000_000)
        );
        let signature = base64url(&bytes(random, 64));
        let before = *random.pick(&["Authorization: Bearer ", "DT_TOKEN=", "token: ", "", "\"id_token\":\""]);
        format!(
            "{before}{}.{}.{signature}\n",
            base64url(br#"{"alg":"RS256","typ":"JWT"}"#),
            base64url(claims.as_bytes())
        )
    })
}

fn vendors(random: &mut Random) -> Vec<u8> {
    lines(random, 10, |random| {
        let mut part = |alphabet, length| drawn(random, alphabet, length);
        let token = [
            format!("AKIA{}", part(BASE32, 16)),
            part(BASE64, 40),
            format!("ghp_{}", part(ALNUM, 36)),
            format!("github_pat_{}_{}", part(ALNUM, 22), part(ALNUM, 59)),
            format!("xoxb-{}-{}-{}", part(DIGITS, 12), part(DIGITS, 12), part(ALNUM, 24)),
            format!("sk_live_{}", part(ALNUM, 24)),
            format!("npm_{}", part(ALNUM, 36)),
            format!("SG.{}.{}", part(ALNUM, 22), part(ALNUM, 43)),
            format!("glpat-{}", part(ALNUM, 20)),
            format!("AIza{}", part(ALNUM, 35)),
            format!("hvs.{}", part(ALNUM, 90)),
            format!("sntrys_{}", part(ALNUM, 200)),
            format!("pypi-AgEIcHlwaS5vcmc{}", part(ALNUM, 150)),
            format!("dapi{}", part(HEX, 32)),
            format!("NRAK-{}", part(UPPER_DIGITS, 27)),
            format!("dckr_pat_{}", part(ALNUM, 27)),
            format!("odt_{}", part(ALNUM, 32)),
        ];
        let token = random.pick(&token);
        let before = *random.pick(&["", "token: ", "export API_TOKEN=", "\"apiKey\": \"", "_authToken="]);
        format!("{before}{token}\n")
    })
}

fn hex_dump(random: &mut Random) -> Vec<u8> {
    let style = random.below(4);
    let mut text = String::new();
    for row in 0..about(random, 20) {
        let data = if random.below(2) == 0 {
            let mut data: Vec<u8> = sentence(random).into();
            data.resize(16, b' ');
            data
        } else {
            bytes(random, 16)
        };
        let shown: String = data
            .iter()
            .map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' })
            .collect();
        let pairs: Vec<String> = data.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = match style {
            0 => writeln!(text, "{:08x}: {}  {shown}", row * 16, lines_of(&pairs.concat(), 4, " ")),
            1 => writeln!(text, "{:08x}  {}  |{shown}|", row * 16, pairs.join(" ")),
            2 => writeln!(text, "{}", pairs.join(":").to_uppercase()),
            _ => writeln!(text, "{}", pairs.concat()),
        };
    }
    text.into()
}

fn array(random: &mut Random) -> Vec<u8> {
    let data = content(random);
    let style = random.below(4);
    let mut text = format!("static const unsigned char {}[] = {{", word(random));
    for (number, byte) in data.iter().enumerate() {
        text.push_str(if number % 12 == 0 { "\n  " } else { " " });
        let _ = match style {
            0 => write!(text, "0x{byte:02x},"),
            1 => write!(text, "{byte},"),
            2 => write!(text, "0x{byte:02X}u,"),
            _ => write!(text, "'\\x{byte:02x}',"),
        };
    }
    (text + "\n};\n").into()
}

fn registry(random: &mut Random) -> Vec<u8> {
    let data: Vec<String> = content(random).iter().map(|byte| format!("{byte:02x}")).collect();
    let rows: Vec<String> = data.chunks(25).map(|row| row.join(",")).collect();
    format!(
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\{}]\r\n\"{}\"=hex:{}\r\n",
        word(random),
        word(random),
        rows.join(",\\\r\n  ")
    )
    .into()
}

fn intel_hex(random: &mut Random) -> Vec<u8> {
    lines(random, 20, |random| {
        let data = drawn(random, HEX_UPPER, 32);
        format!(":10{}00{data}{}\n", drawn(random, HEX_UPPER, 4), drawn(random, HEX_UPPER, 2))
    })
}

fn serial_numbers(random: &mut Random) -> Vec<u8> {
    let widths = *random.pick(&[[6, 24, 64], [8, 64, 12], [24, 64, 3], [10, 10, 10], [64, 24, 64]]);
    let joint = *random.pick(&[",", ";", "\t", "\",\"", "-"]);
    lines(random, 20, |random| {
        let row: Vec<String> = widths.iter().map(|width| drawn(random, UPPER_DIGITS, *width)).collect();
        row.join(joint) + "\n"
    })
}

fn totp(random: &mut Random) -> Vec<u8> {
    lines(random, 6, |random| {
        let length = *random.pick(&[16, 26, 32, 52, 64]);
        let (account, secret) = (name(random), drawn(random, BASE32, length));
        format!(
            "otpauth://totp/Dynatrace:{account}%40example.com?secret={secret}&issuer=Dynatrace&digits=6\n"
        )
    })
}

fn proteins(random: &mut Random) -> Vec<u8> {
    lines(random, 3, |random| {
        let length = about(random, 100);
        let sequence = drawn(random, "ACDEFGHIKLMNPQRSTVWY", length);
        format!(">{} {}\n{}\n", name(random), version(random), lines_of(&sequence, 60, "\n"))
    })
}

fn zone(random: &mut Random) -> Vec<u8> {
    lines(random, 5, |random| {
        let key = base64(&bytes(random, 256));
        let salt = drawn(random, "0123456789ABCDEFGHIJKLMNOPQRSTUV", 32);
        format!(
            "{}. 3600 IN DNSKEY 257 3 8 {}\n{salt}.example.com. NSEC3 1 0 0 - {salt} A RRSIG\n{}. IN DS {} 8 2 {}\n",
            name(random),
            lines_of(&key, 56, " "),
            name(random),
            random.below(65536),
            drawn(random, HEX_UPPER, 64)
        )
    })
}
