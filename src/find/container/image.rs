//! Images of containers as `docker save` writes them: a tar archive with a layer a member.

use serde_json::Value;

use super::tar;

/// The layers and configurations of the images in an archive, by their members' names.
#[derive(Debug, Default)]
pub(in crate::find) struct Images(Vec<(String, String)>);

impl Images {
    /// Those of the tar archive `bytes`; none if it is something else.
    pub(in crate::find) fn of(bytes: &[u8]) -> Self {
        let mut images = Self::default();
        let json = |name: &str| serde_json::from_slice::<Value>(tar::find(bytes, name)?).ok();
        if let Some(Value::Array(all)) = json("manifest.json") {
            for (number, image) in all.iter().enumerate() {
                let image_word =
                    if all.len() > 1 { format!("image {}, ", number + 1) } else { String::new() };
                let layers = items(image, "Layers").filter_map(Value::as_str);
                for (layer, name) in layers.enumerate() {
                    images.add(name, format!("{image_word}layer {}", layer + 1));
                }
                images.add(
                    image.get("Config").and_then(Value::as_str).unwrap_or_default(),
                    format!("{image_word}configuration"),
                );
            }
        } else if let Some(manifest) =
            json("index.json").and_then(|index| json(&blob(index.pointer("/manifests/0")?)?))
        {
            for (layer, described) in items(&manifest, "layers").enumerate() {
                images.add(&blob(described).unwrap_or_default(), format!("layer {}", layer + 1));
            }
            images
                .add(&manifest.get("config").and_then(blob).unwrap_or_default(), "configuration".to_owned());
        }
        images
    }

    fn add(&mut self, name: &str, word: String) {
        self.0.push((name.to_owned(), word));
    }

    /// What the member that `path` begins with is in its image.
    pub(in crate::find) fn part(&self, path: &[u8]) -> Option<&str> {
        let is_in = |name: &str| {
            path.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"!/"))
        };
        self.0.iter().find(|(name, _)| !name.is_empty() && is_in(name)).map(|(_, word)| word.as_str())
    }
}

/// The items of the array under `key`.
fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The member that a description names by its digest.
fn blob(described: &Value) -> Option<String> {
    let (method, digest) = described.get("digest")?.as_str()?.split_once(':')?;
    Some(format!("blobs/{method}/{digest}"))
}
