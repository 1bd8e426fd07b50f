//! What commits and tags say beside the files that they bring.

use super::{Coverage, Scanned, scan_additions};
use crate::finding::{Finding, Part};
use crate::source::{CommitAdditions, Pushed, Repository, SourceError, Tag};

/// Searches what `commits` add: files, paths, messages and whatever else stands in
/// a commit, such as its author's name.
///
/// # Errors
///
/// The first [`SourceError`] of any object: what cannot be read ends the run.
pub fn scan_commits(repository: &Repository, commits: &[CommitAdditions]) -> Result<Scanned, SourceError> {
    let added: Vec<_> = commits
        .iter()
        .flat_map(|commit| commit.additions.iter().map(|addition| (addition.clone(), Some(commit.commit))))
        .collect();
    let mut scanned = scan_additions(repository, &added)?;
    let mut objects = repository.blobs();
    for CommitAdditions { commit, new_paths, .. } in commits {
        scanned.findings.extend(new_paths.iter().flat_map(|path| Finding::in_path(path, Some(*commit))));
        let content = objects.object(*commit)?;
        scanned.findings.extend(Finding::in_object(&content, *commit));
        scanned.coverage.add(Coverage { bytes: content.len() as u64, ..Coverage::default() });
    }
    Ok(scanned)
}

/// Searches all that a push brings beside its commits: its tags, what they tag, and
/// the names of its references.
///
/// # Errors
///
/// As [`scan_commits`].
pub fn scan_tags(repository: &Repository, pushed: &Pushed) -> Result<Scanned, SourceError> {
    let added: Vec<_> = pushed.tagged.iter().map(|addition| (addition.clone(), None)).collect();
    let mut scanned = scan_additions(repository, &added)?;
    scanned.findings.extend(pushed.tagged.iter().flat_map(|addition| Finding::in_path(&addition.path, None)));
    for Tag { id, name, content } in &pushed.tags {
        let mut findings = Finding::in_object(content, *id);
        for finding in &mut findings {
            finding.place.path.clone_from(name);
            finding.place.part = Part::TagMessage;
        }
        scanned.findings.extend(findings);
        scanned.coverage.add(Coverage { bytes: content.len() as u64, ..Coverage::default() });
    }
    Ok(scanned)
}
