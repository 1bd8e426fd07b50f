//! Images of containers.

use super::{made_by_python, scan};
use crate::support::token;

/// As `docker save` and `skopeo copy oci-archive:` write them, and as docker did before.
const IMAGES: &str = r#"
import gzip, hashlib, io, json, sys, tarfile
def tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()
def digest(content):
    return hashlib.sha256(content).hexdigest()
def blob(content):
    return ("blobs/sha256/" + digest(content), content)
def named(content):
    return {"digest": "sha256:" + digest(content)}
base = tar([("etc/passwd", b"root")])
top = gzip.compress(tar([("app/.env", b"A=1\nT=" + sys.argv[1].encode())]))
config = json.dumps({"config": {"Env": ["T=" + sys.argv[2]]}}).encode()
saved = json.dumps([{"Config": blob(config)[0], "Layers": [blob(base)[0], blob(top)[0]]}]).encode()
open("saved.tar", "wb").write(tar([blob(base), blob(top), blob(config), ("manifest.json", saved)]))
manifest = json.dumps({"config": named(config), "layers": [named(base), named(top)]}).encode()
index = json.dumps({"manifests": [named(manifest)]}).encode()
open("oci.tar", "wb").write(tar([blob(base), blob(top), blob(config), blob(manifest), ("index.json", index)]))
old = [{"Config": "c.json", "Layers": ["1/layer.tar"]}, {"Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar"]}]
parts = [("1/layer.tar", base), ("2/layer.tar", top), ("c.json", config), ("manifest.json", json.dumps(old).encode())]
open("old.tar", "wb").write(tar(parts))
open("old.tar.gz", "wb").write(gzip.compress(tar(parts)))
broken = [("2/layer.tar", top), ("manifest.json", b'[{"Layers": [1, {"a": ["2/layer.tar"]}], "Config": 7}, "x"'), ("index.json", b"[")]
open("broken.tar", "wb").write(tar(broken))
"#;

#[test]
fn a_token_in_an_image_is_found_in_its_layer_or_configuration() {
    let (one, two) = (token("dt0c01", 1), token("dt0c01", 2));
    let repo = made_by_python(IMAGES, &[&one.text, &two.text]);
    repo.token("dt0c01", 1);
    repo.token("dt0c01", 2);
    for image in ["saved.tar", "oci.tar"] {
        scan(&repo, image)
            .blocks()
            .says("!/app/.env:2:3 (layer 2; in tar of gzip of tar)")
            .says("(configuration; in tar)");
    }
    for image in ["old.tar", "old.tar.gz"] {
        scan(&repo, image)
            .blocks()
            .says("!/2/layer.tar!/app/.env:2:3 (image 2, layer 2; in ")
            .says("!/c.json:1:24 (image 1, configuration; in ");
    }
    scan(&repo, "broken.tar").blocks().says("broken.tar!/2/layer.tar!/app/.env:2:3 (in tar of gzip of tar)");
}
