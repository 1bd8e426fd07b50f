//! The name of a repository: where it was cloned from, without credentials.

use super::Repository;

/// The name of the repository at `url`, such as `git.example.com/team/app`: host and path
/// without scheme, user, password, port, query and the ending `.git`. The same repository has
/// the same name in each form of its address.
pub fn repository_name(url: &str) -> String {
    let url = url.trim();
    let is_url = url.contains("://");
    // A password may hold any character, so everything before the last `@` may belong to it.
    let rest = url.rsplit('@').next().unwrap_or(url);
    let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let rest = if is_url { rest.split(['?', '#']).next().unwrap_or(rest) } else { rest };
    let name = match rest.split_once(':') {
        // A drive.
        Some((drive, _)) if drive.len() == 1 => rest.to_owned(),
        Some((host, path)) if !host.contains('/') => {
            let path = if is_url { path.trim_start_matches(|c: char| c.is_ascii_digit()) } else { path };
            format!("{host}/{}", path.trim_start_matches('/'))
        }
        _ => rest.to_owned(),
    };
    let name = name.replace('\\', "/");
    let name = name.trim_matches('/');
    name.strip_suffix(".git").unwrap_or(name).trim_end_matches('/').to_owned()
}

impl Repository {
    /// The name of its remote `origin`; without one, that of its folder. None outside a
    /// repository.
    pub fn name(&self) -> Option<String> {
        const KEY: &str = "remote.origin.url";
        // As it is written: `insteadOf` differs between machines.
        let own = self.libgit2().as_ref().ok().and_then(|own| own.config().ok()?.get_string(KEY).ok());
        let url = own.or_else(|| {
            let url = self.plumbing().run(&["config", "--get", KEY]).ok()?;
            Some(String::from_utf8_lossy(&url).into_owned())
        });
        let named = url.map(|url| repository_name(&url)).filter(|name| !name.is_empty());
        named.or_else(|| {
            let folder = self.common_dir()?.canonicalize().ok()?;
            let folder = if folder.ends_with(".git") { folder.parent()? } else { &folder };
            let name = folder.file_name()?.to_string_lossy();
            Some(name.strip_suffix(".git").unwrap_or(&name).to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_an_address_gives_the_same_name() {
        for url in [
            "https://git.example.com/team/app",
            "https://git.example.com/team/app.git",
            "https://git.example.com:8443/team/app.git/",
            "https://git.example.com/team/app?private_token=word#part",
            "ssh://git@git.example.com:2222/team/app.git",
            "git@git.example.com:team/app.git",
            "git@git.example.com:/team/app.git",
            " git.example.com/team/app\n",
        ] {
            assert_eq!(repository_name(url), "git.example.com/team/app", "{url}");
        }
        for (path, name) in [
            ("file:///srv/git/app.git", "srv/git/app"),
            ("/srv/git/app.git", "srv/git/app"),
            ("../app", "../app"),
            ("C:\\git\\app.git", "C:/git/app"),
            ("", ""),
        ] {
            assert_eq!(repository_name(path), name);
        }
    }

    #[test]
    fn no_credential_in_an_address_gets_into_a_name() {
        for user in
            ["word", "user:word", "word:x-oauth-basic", "user:wo/word@rd", "user:word://word", "a:b:word"]
        {
            for host in
                ["https://{}@host/app", "ssh://{}@host/app.git", "{}@host:app", "https://{}@@host/app"]
            {
                let url = host.replace("{}", user);
                assert_eq!(repository_name(&url), "host/app", "{url}");
            }
        }
    }
}
