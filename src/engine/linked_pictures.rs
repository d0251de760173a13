//! The pictures of an answer. A text may link to one: a file that was added beside it.

use super::Engine;
use super::find::Found;
use crate::answer::{Citation, CitedPicture, cited_pictures};
use crate::document::{DocumentId, DocumentInfo};
use crate::error::{Error, Result};
use crate::format::{Format, ReaderModule};
use crate::knowledge_base::KnowledgeBase;

impl Engine {
    /// The pictures that an answer with these quotes shows. In the place of a link stands the document
    /// of the picture's file; where its record is damaged, nothing.
    pub(super) async fn pictures_of_answer(
        &self,
        quotes: &[Citation],
        found: &Found,
    ) -> Result<Vec<CitedPicture>> {
        let leads =
            |from: &DocumentInfo, link: &str| find_linked(from, link, &found.state).is_some();
        let cited = cited_pictures(quotes, &found.passages, found.asks_for_picture, &leads);
        let mut shown: Vec<CitedPicture> = Vec::new();
        for picture in cited {
            if let Some(picture) = self.follow_link(picture, &found.state).await?
                && !shown.iter().any(|other| other.is_same(&picture))
            {
                shown.push(picture);
            }
        }
        Ok(shown)
    }

    async fn follow_link(
        &self,
        picture: CitedPicture,
        state: &KnowledgeBase,
    ) -> Result<Option<CitedPicture>> {
        let Some(link) = &picture.picture().link else { return Ok(Some(picture)) };
        let id = find_linked(&picture.citation.document.info, link, state);
        let Some(file) = id.and_then(|id| state.index.find(id)) else { return Ok(None) };
        match self.document_cache.get(&*self.store, &file).await {
            Ok(file) => Ok(picture.in_file(file)),
            // It is set aside when a question finds it.
            Err(Error::CorruptStorage { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The picture file that a link leads to: the one with the path of the link, as seen from the document's
/// folder. Where there is none, the only one that may be it: folders may not have been added with the
/// files, and notes name a picture without its folder. Both files are in the same container, or in none.
fn find_linked(from: &DocumentInfo, link: &str, state: &KnowledgeBase) -> Option<DocumentId> {
    let container = |info: &DocumentInfo| info.container.as_ref().map(|container| container.id);
    let is_picture = |info: &DocumentInfo| {
        Format::of(info.kind).is_some_and(|format| format.module == ReaderModule::Image)
    };
    let path = joined(&from.name, link);
    let documents = state.index.documents().map(|(info, _)| info);
    let pictures: Vec<_> = documents
        .filter(|info| may_be(&info.name, &path, link))
        .filter(|info| is_picture(info) && container(info) == container(from))
        .collect();
    let of_path = pictures.iter().find(|info| info.name == path);
    match (of_path, &*pictures) {
        (Some(info), _) | (None, [info]) => Some(info.id),
        _ => None,
    }
}

/// Whether a file of this name may be the one of `path`: it has the path or the end of it, or its own
/// path ends so, or as the link does.
fn may_be(name: &str, path: &str, link: &str) -> bool {
    let ends_with = |path: &str, end: &str| {
        path.strip_suffix(end).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    ends_with(path, name) || ends_with(name, path) || ends_with(name, link)
}

/// The path of a link in the file `name`.
fn joined(name: &str, link: &str) -> String {
    let folder = match link.strip_prefix('/') {
        Some(_) => "",
        None => name.rsplit_once('/').map_or("", |(folder, _)| folder),
    };
    let mut path: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(link.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_link_begins_in_the_folder_of_its_file() {
        for (name, link, expected) in [
            ("a.md", "b.png", "b.png"),
            ("docs/a.md", "b.png", "docs/b.png"),
            ("docs/a.md", "./images/b.png", "docs/images/b.png"),
            ("docs/deep/a.md", "../b.png", "docs/b.png"),
            ("docs/a.md", "/b.png", "b.png"),
            ("a.md", "../../b.png", "b.png"),
        ] {
            assert_eq!(joined(name, link), expected, "{name} {link}");
        }
    }

    #[test]
    fn a_file_of_another_folder_is_not_meant_unless_the_link_names_none() {
        let may_be = |name: &str, link: &str| may_be(name, &joined("docs/a.md", link), link);
        for (name, link) in [
            ("docs/images/b.png", "images/b.png"),
            ("images/b.png", "images/b.png"),
            ("b.png", "images/b.png"),
            ("vault/docs/images/b.png", "images/b.png"),
            ("attachments/b.png", "b.png"),
        ] {
            assert!(may_be(name, link), "{name} {link}");
        }
        for (name, link) in
            [("other/b.png", "images/b.png"), ("bb.png", "b.png"), ("b.png", "bb.png")]
        {
            assert!(!may_be(name, link), "{name} {link}");
        }
    }
}
