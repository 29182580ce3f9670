//! Where the files of an image lie, as `xorriso` reports it, and the same files read from there.

use sealdock_verify::{Folder, Item, Kind};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes of a block of ISO 9660.
const BLOCK_BYTES: u64 = 2048;

/// A file of the image: its length, and its extents as (first byte, bytes), in order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Lies {
    size: u64,
    extents: Vec<(u64, u64)>,
}

/// The package that lies in an image.
pub struct Image {
    path: PathBuf,
    called: String,
    files: BTreeMap<String, Lies>,
}

impl Image {
    /// From the lines `File data lba: extent , block , blocks , bytes , 'path'`.
    ///
    /// # Errors
    /// A line is of another form, or extents do not make up their file: then nothing is believed.
    pub fn new(path: &Path, called: String, report: &str) -> Result<Image, String> {
        let mut files: BTreeMap<String, Lies> = BTreeMap::new();
        for line in report.lines() {
            if let Some(line) = line.strip_prefix("File data lba:") {
                take(&mut files, line)
                    .ok_or(format!("a line of the list is not understood: {line}"))?;
            }
        }
        for (name, lies) in &mut files {
            lies.cut().ok_or(format!("{name} has fewer bytes than its length says"))?;
        }
        Ok(Image { path: path.to_owned(), called, files })
    }
}

fn take(files: &mut BTreeMap<String, Lies>, line: &str) -> Option<()> {
    // A path could hold a comma, so the four numbers are cut off first.
    let fields: Vec<&str> = line.splitn(5, ',').map(str::trim).collect();
    let [extent, block, blocks, size, name] = fields[..] else { return None };
    let name = name.strip_prefix("'/")?.strip_suffix('\'')?;
    let lies = files.entry(name.to_owned()).or_default();
    if extent.parse() != Ok(lies.extents.len()) {
        return None;
    }
    lies.size = size.parse().ok()?;
    let block: u64 = block.parse().ok()?;
    let blocks: u64 = blocks.parse().ok()?;
    lies.extents.push((block.checked_mul(BLOCK_BYTES)?, blocks.checked_mul(BLOCK_BYTES)?));
    Some(())
}

impl Lies {
    /// The last block is filled up; the file is as long as it is.
    fn cut(&mut self) -> Option<()> {
        let mut left = self.size;
        for (_, bytes) in &mut self.extents {
            *bytes = left.min(*bytes);
            left -= *bytes;
        }
        (left == 0).then_some(())
    }
}

impl Folder for Image {
    fn called(&self) -> String {
        self.called.clone()
    }

    fn items(&self) -> io::Result<Vec<Item>> {
        let item = |(name, lies): (&String, &Lies)| Item {
            name: name.clone(),
            size: lies.size,
            kind: Kind::File,
        };
        Ok(self.files.iter().map(item).collect())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let lies = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        let mut all: Box<dyn Read + Send> = Box::new(io::empty());
        for (first, bytes) in &lies.extents {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(*first))?;
            all = Box::new(all.chain(file.take(*bytes)));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(report: &str) -> Result<BTreeMap<String, Lies>, String> {
        Image::new(Path::new("x"), String::new(), report).map(|image| image.files)
    }

    #[test]
    fn a_long_file_is_the_sum_of_its_extents() {
        let report = "Report layout: xt , Startlba ,   Blocks , Filesize , ISO image path\n\
            File data lba:  0 ,       59 ,  2097151 , 5368709120 , '/data/big'\n\
            File data lba:  1 ,  2097210 ,   524289 , 5368709120 , '/data/big'\n\
            File data lba:  0 ,       40 ,        1 ,       7 , '/a, b'\n\
            File data lba:  0 ,       41 ,        0 ,       0 , '/empty'\n";
        let files = image(report).unwrap();
        let big = &files["data/big"];
        assert_eq!(
            big.extents,
            [(59 * 2048, 2_097_151 * 2048), (2_097_210 * 2048, 524_289 * 2048)]
        );
        assert_eq!(big.extents.iter().map(|(_, bytes)| bytes).sum::<u64>(), 5_368_709_120);
        assert_eq!(files["a, b"], Lies { size: 7, extents: vec![(40 * 2048, 7)] });
        assert_eq!(files["empty"].size, 0);
    }

    #[test]
    fn a_list_that_is_not_understood_is_not_believed() {
        for wrong in [
            "File data lba:  1 ,  59 ,  1 , 7 , '/a'\n",
            "File data lba:  0 ,  59 ,  1 , 2049 , '/a'\n",
            "File data lba:  0 ,  59 ,  1 , 7 , a\n",
            "File data lba:  0 ,  59 ,  1 , '/a'\n",
            "File data lba:  0 ,  -1 ,  1 , 7 , '/a'\n",
            "File data lba:  0 ,  18446744073709551615 ,  1 , 7 , '/a'\n",
            "File data lba:  0 , 59 , 1 , 7 , '/a'\nFile data lba:  0 , 60 , 1 , 7 , '/a'\n",
        ] {
            assert!(image(wrong).is_err(), "{wrong}");
        }
    }
}
