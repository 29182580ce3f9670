//! Chinese fonts weigh tens of megabytes and have packages of their own, so they are looked for at
//! run time. One font sets everything, a second one has the rare characters of names; both must be
//! there, so that two stations with the same packages print the same bytes.

use crate::write::PrintError;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use typst::foundations::Bytes;
use typst::text::{Font, FontInfo, FontWeight};

/// What the template asks for, in the order of preference.
struct Wanted {
    family: &'static str,
    /// Where a family has several; foundries do not agree on what is regular.
    weight: Option<FontWeight>,
    file: &'static str,
    package: &'static str,
    /// Optional fonts only add scripts.
    required: bool,
}

const fn wanted(family: &'static str, file: &'static str, package: &'static str) -> Wanted {
    Wanted { family, weight: None, file, package, required: true }
}

const SONG: &str = "Noto Serif CJK SC";
const NOTO: &str = "fonts-noto-cjk";
const HANAZONO: &str = "fonts-hanazono";

const WANTED: [Wanted; 5] = [
    Wanted { weight: Some(FontWeight::REGULAR), ..wanted(SONG, "NotoSerifCJK-Regular.ttc", NOTO) },
    Wanted { weight: Some(FontWeight::BOLD), ..wanted(SONG, "NotoSerifCJK-Bold.ttc", NOTO) },
    wanted("HanaMinA", "HanaMinA.ttf", HANAZONO),
    wanted("HanaMinB", "HanaMinB.ttf", HANAZONO),
    Wanted { required: false, ..wanted("DejaVu Sans", "DejaVuSans.ttf", "fonts-dejavu-core") },
];

/// How many of [`WANTED`] are needed by every sheet.
const ALWAYS: usize = 2;

/// Fonts that were found. Holds what they cover, not the fonts themselves.
#[derive(Debug)]
pub struct Fonts {
    faces: Vec<Face>,
}

#[derive(Debug)]
struct Face {
    path: PathBuf,
    index: u32,
    info: FontInfo,
    always: bool,
}

impl Fonts {
    /// The fonts that Debian's packages bring.
    ///
    /// # Errors
    /// When one is missing (the message names the package) or cannot be read.
    pub fn installed() -> Result<Fonts, PrintError> {
        Fonts::under(Path::new("/usr/share/fonts"))
    }

    /// The fonts in `folder` and below, by the file names that the packages use.
    ///
    /// # Errors
    /// As [`Fonts::installed`].
    pub fn under(folder: &Path) -> Result<Fonts, PrintError> {
        let mut files = Vec::new();
        collect(folder, DEPTH_MAX, &mut files);
        files.sort();
        let mut faces = Vec::new();
        for (at, wanted) in WANTED.iter().enumerate() {
            let named = |path: &&PathBuf| path.file_name().is_some_and(|name| name == wanted.file);
            let face = match files.iter().find(named) {
                Some(path) => wanted.face(path, at < ALWAYS)?,
                None => None,
            };
            match face {
                Some(face) => faces.push(face),
                None if wanted.required => return Err(wanted.missing(folder)),
                None => {}
            }
        }
        Ok(Fonts { faces })
    }

    /// Families in the order in which a character is looked for.
    pub(crate) fn families(&self) -> Vec<&str> {
        let mut families: Vec<&str> =
            self.faces.iter().map(|face| face.info.family.as_str()).collect();
        families.dedup();
        families
    }

    /// Whether any font has a picture of `letter`.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.faces.iter().any(|face| face.has(letter))
    }

    /// Reads the fonts that a sheet with these characters needs, and no other.
    pub(crate) fn load(&self, letters: &BTreeSet<char>) -> Result<Vec<Font>, PrintError> {
        let first = |letter: &char| self.faces.iter().position(|face| face.has(*letter));
        let needed: BTreeSet<usize> = letters.iter().filter_map(first).collect();
        let faces = self.faces.iter().enumerate();
        faces
            .filter(|(at, face)| face.always || needed.contains(at))
            .map(|(_, face)| face.load())
            .collect()
    }
}

impl Face {
    fn has(&self, letter: char) -> bool {
        self.info.coverage.contains(u32::from(letter))
    }

    fn load(&self) -> Result<Font, PrintError> {
        let font = Font::new(read(&self.path)?, self.index);
        let same = font.filter(|font| *font.info() == self.info);
        same.ok_or_else(|| PrintError::FontDamaged { path: self.path.clone() })
    }
}

impl Wanted {
    /// The face of this family in the file; a collection has one for each region.
    fn face(&self, path: &Path, always: bool) -> Result<Option<Face>, PrintError> {
        let fits = |font: &Font| {
            let info = font.info();
            let weighs = self.weight.is_none_or(|weight| info.variant.weight == weight);
            info.family == self.family && weighs
        };
        let found = Font::iter(read(path)?).find(fits);
        Ok(found.map(|font| Face {
            path: path.to_owned(),
            index: font.index(),
            info: font.info().clone(),
            always,
        }))
    }

    fn missing(&self, folder: &Path) -> PrintError {
        let looked_in = folder.display().to_string();
        PrintError::FontMissing { family: self.family, package: self.package, looked_in }
    }
}

fn read(path: &Path) -> Result<Bytes, PrintError> {
    let unreadable = |source| PrintError::FontUnreadable { path: path.to_owned(), source };
    Ok(Bytes::new(std::fs::read(path).map_err(unreadable)?))
}

/// Font folders are shallow; a loop of links is not followed for ever.
const DEPTH_MAX: usize = 6;

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    // A folder that cannot be listed has no fonts for us; what is missing then is named.
    let Ok(listing) = std::fs::read_dir(folder) else { return };
    for path in listing.flatten().map(|entry| entry.path()) {
        match path.is_dir() {
            true if depth > 0 => collect(&path, depth - 1, files),
            true => {}
            false => files.push(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_is_refused_with_its_package() {
        let empty = tempfile::tempdir().unwrap();
        let error = Fonts::under(empty.path()).unwrap_err().to_string();
        assert!(error.contains("Noto Serif CJK SC") && error.contains("fonts-noto-cjk"), "{error}");
        let nowhere = Fonts::under(&empty.path().join("none")).unwrap_err();
        assert!(matches!(nowhere, PrintError::FontMissing { .. }));
    }

    #[test]
    fn a_file_that_is_no_font_is_a_missing_font() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("NotoSerifCJK-Regular.ttc"), "not a font").unwrap();
        assert!(matches!(Fonts::under(folder.path()), Err(PrintError::FontMissing { .. })));
    }

    #[test]
    fn only_what_a_sheet_needs_is_read() {
        let fonts = Fonts::installed().unwrap();
        let count = |text: &str| fonts.load(&text.chars().collect()).unwrap().len();
        assert_eq!(count("执法记录仪"), ALWAYS);
        assert_eq!(count("\u{2a6d6}\u{2b740}"), ALWAYS + 1, "extensions B and D: HanaMinB");
    }
}
