//! Lock files: names, versions and digests.

use super::{Entry, HEX, LOWER_DIGITS, Random, about, base64, bytes, drawn, name, repeated, uuid, version};

pub const SORTS: [Entry; 8] = [
    ("Cargo.lock", |random| {
        many(random, "version = 4\n\n", |random| {
            format!(
                "[[package]]\nname = \"{}\"\nversion = \"{}\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{}\"\n\n",
                name(random),
                version(random),
                drawn(random, HEX, 64)
            )
        })
    }),
    ("package-lock.json", |random| {
        many(random, "{\"lockfileVersion\": 3, \"packages\": {\n", |random| {
            let (name, version) = (name(random), version(random));
            format!(
                "    \"node_modules/{name}\": {{\n      \"version\": \"{version}\",\n      \"resolved\": \"https://registry.npmjs.org/{name}/-/{name}-{version}.tgz\",\n      \"integrity\": \"sha512-{}\"\n    }},\n",
                base64(&bytes(random, 64))
            )
        })
    }),
    ("yarn.lock", |random| {
        many(random, "# yarn lockfile v1\n\n\n", |random| {
            let (name, version) = (name(random), version(random));
            format!(
                "\"{name}@^{version}\":\n  version \"{version}\"\n  resolved \"https://registry.yarnpkg.com/{name}/-/{name}-{version}.tgz#{}\"\n  integrity sha512-{}\n\n",
                drawn(random, HEX, 40),
                base64(&bytes(random, 64))
            )
        })
    }),
    ("pnpm-lock.yaml", |random| {
        many(random, "lockfileVersion: '9.0'\npackages:\n", |random| {
            format!(
                "  {}@{}:\n    resolution: {{integrity: sha512-{}}}\n",
                name(random),
                version(random),
                base64(&bytes(random, 64))
            )
        })
    }),
    ("poetry.lock", |random| {
        many(random, "", |random| {
            let (name, version) = (name(random), version(random));
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nfiles = [\n    {{file = \"{name}-{version}-py3-none-any.whl\", hash = \"sha256:{}\"}},\n]\n\n",
                drawn(random, HEX, 64)
            )
        })
    }),
    ("requirements with hashes", |random| {
        many(random, "", |random| {
            format!(
                "{}=={} \\\n    --hash=sha256:{} \\\n    --hash=sha256:{}\n",
                name(random),
                version(random),
                drawn(random, HEX, 64),
                drawn(random, HEX, 64)
            )
        })
    }),
    ("go.sum", |random| {
        many(random, "", |random| {
            let (name, version) = (name(random), version(random));
            format!(
                "github.com/dynatrace/{name} v{version}-2026{}-{} h1:{}\ngithub.com/dynatrace/{name} v{version}/go.mod h1:{}\n",
                random.below(1000),
                drawn(random, HEX, 12),
                base64(&bytes(random, 32)),
                base64(&bytes(random, 32))
            )
        })
    }),
    ("flake.lock", |random| {
        many(random, "{\n", |random| {
            format!(
                "  \"{}\": {{\"locked\": {{\"narHash\": \"sha256-{}\", \"rev\": \"{}\", \"id\": \"{}\", \"path\": \"/nix/store/{}\"}}}},\n",
                name(random),
                base64(&bytes(random, 32)),
                drawn(random, HEX, 40),
                uuid(random),
                drawn(random, LOWER_DIGITS, 32)
            )
        })
    }),
];

fn many(random: &mut Random, head: &str, write: fn(&mut Random) -> String) -> Vec<u8> {
    let times = about(random, 8);
    (head.to_owned() + &repeated(random, times, write)).into()
}
