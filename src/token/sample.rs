//! Tokens that Dynatrace published in its own documents and tests.
//!
//! Only their fingerprints are stored: not even a dead sample is written here.

use super::Fingerprint;

/// SHA-256 of the secret part of each published sample, with its source.
const SAMPLES: [(&str, &str); 8] = [
    (
        "3759eb5bbe38422127045aa7d0600d8b9a64a9ab6601c4ead100b7d997dfdc17",
        "the sample of the access token pages",
    ),
    (
        "9d847799284b519e3b3b7501f220d2f768c98a12d641f6e4ef26ca8720907c94",
        "its variant in the OpenTelemetry collector's tests",
    ),
    ("d11c3444fc6074f8581cfebe9528ef6f43fb7e4602c39ed17b2240863d54da3f", "dt0g02, ActiveGate security page"),
    (
        "08b82fa3ae3a17e681def0449358646e46cf15e6cf0c9d225d5bdb3070fac691",
        "dt0g01, ActiveGate configuration page",
    ),
    ("6505b02552875dcbfd6d42ede76e2762b5ca82aeadd246309c647506d065092c", "dt0g01, a second one on that page"),
    ("ba42888bd3857b7caf3354899b6d81eecf0d35636aa221e8718bda9fa7ebc9df", "dt0s04, Mission Control API page"),
    (
        "80e2aa943bb395f47aa9cb700a1127347148c30e10cb4299a619d4e638ed9ea7",
        "dt0c01, user groups page of Managed",
    ),
    (
        "b54cad7c9a8d1467a48996bc25533362d0cf7e0d83e14770e95dd752619a8ec2",
        "old format, environments page of Managed",
    ),
];

/// Whether Dynatrace published the secret part with this fingerprint.
pub fn is_sample(fingerprint: Fingerprint) -> bool {
    let halves = fingerprint.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = halves.filter_map(|half| char::from_digit(half.into(), 16));
    // The first digit mostly differs, so making the whole text would cost more.
    SAMPLES.iter().any(|(sample, _)| sample.chars().eq(digits.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_is_a_fingerprint_that_is_recognised() {
        for (sample, place) in SAMPLES {
            let fingerprint = sample.parse().unwrap_or_else(|()| panic!("{place}"));
            assert!(is_sample(fingerprint), "{place}");
        }
        assert!(!is_sample(Fingerprint::of(b"")));
    }
}
