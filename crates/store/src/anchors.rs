//! What was time-stamped or cosigned, and the answers: files beside the chain and not in it, since they vouch for it
//! from outside. Losing one loses a proof and no footage. Nothing here is replaced, but a head with its cosignatures by
//! the same with one more, and the policy of witnesses by another.

use crate::error::Doing;
use crate::faults::Fate;
use crate::files::Files;
use rustix::fs::{CWD, RenameFlags};
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A head, a request or an answer is far smaller; so is a chain of certificates.
const FILE_BYTES_MAX: u64 = 1 << 20;

const HEAD: &str = "checkpoint.signed";
const COSIGNED: &str = "checkpoint.cosigned";
const POLICY: &str = "witness-policy";
const SAID: &str = "said";
const CHAIN: &str = "tsa-chain.pem";

/// The durable steps of one file, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorStep {
    /// The bytes are on the medium under another name.
    Written,
    /// The file has its name, and nobody was told.
    Named,
}

/// Decides the fate of steps; in the product nothing ever happens here.
pub trait AnchorFaults: Send + Sync + Debug {
    /// What becomes of this step?
    fn at(&self, step: AnchorStep) -> Fate;
}

#[derive(Debug)]
struct NoFaults;

impl AnchorFaults for NoFaults {
    fn at(&self, _: AnchorStep) -> Fate {
        Fate::Goes
    }
}

/// The folder `anchors/` of a station.
#[derive(Debug, Clone)]
pub struct Anchors {
    dir: PathBuf,
    faults: Arc<dyn AnchorFaults>,
}

/// A head that was to be stamped or cosigned, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// Entries of the head.
    pub size: u64,
    /// The note with the log's own signature.
    pub head: Vec<u8>,
    /// In the order in which they were asked.
    pub asked: Vec<Asked>,
    /// The note with the lines of witnesses after the log's.
    pub cosigned: Option<Vec<u8>>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub number: u32,
    pub request: Vec<u8>,
    pub answer: Option<Vec<u8>>,
}

impl Anchors {
    /// The folder below the station's directory; it need not be there yet.
    #[must_use]
    pub fn new(station: &Path) -> Anchors {
        Anchors { dir: station.join("anchors"), faults: Arc::new(NoFaults) }
    }

    /// The same, with steps that may fail.
    #[must_use]
    pub fn with_faults(station: &Path, faults: Arc<dyn AnchorFaults>) -> Anchors {
        Anchors { faults, ..Anchors::new(station) }
    }

    /// Every head that a request was made for, by size. What else lies in the folder is left alone.
    ///
    /// # Errors
    /// A file cannot be read, or a request or a cosigned note has no head.
    pub fn all(&self) -> PortResult<Vec<Anchored>> {
        let mut all = Vec::new();
        for name in names(&self.dir)? {
            let folder = self.dir.join(&name);
            let Some(size) = number(&name).filter(|_| folder.is_dir()) else { continue };
            let asked = asked(&folder)?;
            let cosigned = read(&folder.join(COSIGNED))?;
            match read(&folder.join(HEAD))? {
                Some(head) => all.push(Anchored { size, head, asked, cosigned }),
                // A crash before the head had its name: nothing went out yet.
                None if asked.is_empty() && cosigned.is_none() => {}
                None => {
                    let text = format!("{} has lost its {HEAD}", folder.display());
                    return Err(PortError::new(Kind::Damaged, text));
                }
            }
        }
        all.sort_by_key(|anchored| anchored.size);
        Ok(all)
    }

    /// Certificates that the unit put there.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn chain(&self) -> PortResult<Option<Vec<u8>>> {
        read(&self.dir.join(CHAIN))
    }

    /// Keeps a head; then its first request may be kept.
    ///
    /// # Errors
    /// It cannot be written durably, or another one of this size is there.
    pub fn keep_head(&self, size: u64, head: &[u8]) -> PortResult<()> {
        make_folder(&self.dir)?;
        let folder = self.folder(size);
        make_folder(&folder)?;
        self.keep(&folder, HEAD, head)
    }

    /// Keeps a request.
    ///
    /// # Errors
    /// As [`Anchors::keep_head`].
    pub fn keep_request(&self, size: u64, number: u32, request: &[u8]) -> PortResult<()> {
        self.keep(&self.folder(size), &format!("{number}.tsq"), request)
    }

    /// Keeps an answer.
    ///
    /// # Errors
    /// As [`Anchors::keep_head`].
    pub fn keep_answer(&self, size: u64, number: u32, answer: &[u8]) -> PortResult<()> {
        self.keep(&self.folder(size), &format!("{number}.tsr"), answer)
    }

    /// Keeps a head with its cosignatures in place of the same with fewer. Whoever calls holds one lock on the station
    /// from reading to here, so that no line is lost.
    ///
    /// # Errors
    /// It cannot be written durably, or its head was never kept.
    pub fn keep_cosigned(&self, size: u64, note: &[u8]) -> PortResult<()> {
        let folder = self.folder(size);
        if read(&folder.join(HEAD))?.is_none() {
            let text = format!("no head of {size} entries was kept to be cosigned");
            return Err(PortError::new(Kind::Invalid, text));
        }
        self.replace(&folder, COSIGNED, note)
    }

    /// The policy of witnesses; none where the unit has put none there.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn policy(&self) -> PortResult<Option<Vec<u8>>> {
        read(&self.dir.join(POLICY))
    }

    /// Puts a policy of witnesses there; `false`: it was there.
    ///
    /// # Errors
    /// It cannot be written durably.
    pub fn put_policy(&self, text: &[u8]) -> PortResult<bool> {
        make_folder(&self.dir)?;
        let changed = self.policy()?.is_none_or(|there| there != text);
        self.replace(&self.dir, POLICY, text)?;
        Ok(changed)
    }

    /// Keeps under `name` what a witness said; what is there under that name stays.
    ///
    /// # Errors
    /// It cannot be written durably.
    pub fn keep_said(&self, name: &str, said: &[u8]) -> PortResult<()> {
        make_folder(&self.dir)?;
        let folder = self.dir.join(SAID);
        make_folder(&folder)?;
        match read(&folder.join(name))? {
            Some(_) => Files::sync_dir(&folder),
            None => self.keep(&folder, name, said),
        }
    }

    /// What witnesses said, by name of the file.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn said(&self) -> PortResult<Vec<(String, Vec<u8>)>> {
        let folder = self.dir.join(SAID);
        let mut said = Vec::new();
        let mut names = names(&folder)?;
        names.retain(|name| name.ends_with(".json"));
        names.sort();
        for name in names {
            said.extend(read(&folder.join(&name))?.map(|bytes| (name, bytes)));
        }
        Ok(said)
    }

    /// Brings all of it to another folder, where nothing is taken away. Cut anywhere, the same again goes on.
    ///
    /// # Errors
    /// Something cannot be read here or written there, or something else lies there under a name that never changes.
    pub fn carry_to(&self, place: &Path) -> PortResult<()> {
        if !self.dir.is_dir() {
            return Ok(());
        }
        let there = Anchors { dir: place.to_owned(), faults: Arc::clone(&self.faults) };
        make_folder(place)?;
        for name in [CHAIN, POLICY] {
            if let Some(bytes) = read(&self.dir.join(name))? {
                there.replace(place, name, &bytes)?;
            }
        }
        for Anchored { size, head, asked, cosigned } in self.all()? {
            there.keep_head(size, &head)?;
            for Asked { number, request, answer } in asked {
                there.keep_request(size, number, &request)?;
                if let Some(answer) = answer {
                    there.keep_answer(size, number, &answer)?;
                }
            }
            if let Some(cosigned) = cosigned {
                there.keep_cosigned(size, &cosigned)?;
            }
        }
        for (name, said) in self.said()? {
            there.keep_said(&name, &said)?;
        }
        Ok(())
    }

    fn folder(&self, size: u64) -> PathBuf {
        self.dir.join(size.to_string())
    }

    /// Order: written under another name, synced, renamed without replacing, the folder synced. After an error the
    /// file is there whole or not at all, and the same call again ends in the same file.
    fn keep(&self, folder: &Path, name: &str, bytes: &[u8]) -> PortResult<()> {
        let path = folder.join(name);
        if let Some(there) = read(&path)? {
            if there == bytes {
                return Files::sync_dir(folder);
            }
            let text = format!("{} is there already and is never replaced", path.display());
            return Err(PortError::new(Kind::Invalid, text));
        }
        let temporary = self.written(&path, bytes)?;
        rustix::fs::renameat_with(CWD, &temporary, CWD, &path, RenameFlags::NOREPLACE)
            .map_err(std::io::Error::from)
            .doing(|| format!("name {}", path.display()))?;
        self.passes(AnchorStep::Named, &path)?;
        Files::sync_dir(folder)
    }

    /// The same order, in place of what is there.
    fn replace(&self, folder: &Path, name: &str, bytes: &[u8]) -> PortResult<()> {
        let path = folder.join(name);
        if read(&path)?.is_some_and(|there| there == bytes) {
            return Files::sync_dir(folder);
        }
        let temporary = self.written(&path, bytes)?;
        fs::rename(&temporary, &path).doing(|| format!("name {}", path.display()))?;
        self.passes(AnchorStep::Named, &path)?;
        Files::sync_dir(folder)
    }

    /// Under another name, synced.
    fn written(&self, path: &Path, bytes: &[u8]) -> PortResult<PathBuf> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        let temporary = PathBuf::from(temporary);
        match fs::remove_file(&temporary) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                return Err(e).doing(|| format!("clear {}", temporary.display()));
            }
            _ => {}
        }
        let mut file = Files::make_private(&temporary)?;
        let write = file.write_all(bytes).and_then(|()| file.sync_all());
        write.doing(|| format!("write {}", temporary.display()))?;
        self.passes(AnchorStep::Written, path)?;
        Ok(temporary)
    }

    fn passes(&self, step: AnchorStep, path: &Path) -> PortResult<()> {
        match self.faults.at(step) {
            Fate::Goes => Ok(()),
            Fate::Dies => {
                let text = format!("killed at {step:?} of {}", path.display());
                Err(PortError::new(Kind::Failed, text))
            }
        }
    }
}

fn asked(folder: &Path) -> PortResult<Vec<Asked>> {
    let mut asked = Vec::new();
    for name in names(folder)? {
        let number = name.strip_suffix(".tsq").and_then(number);
        let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else { continue };
        let Some(request) = read(&folder.join(&name))? else { continue };
        let answer = read(&folder.join(format!("{number}.tsr")))?;
        asked.push(Asked { number, request, answer });
    }
    asked.sort_by_key(|asked| asked.number);
    Ok(asked)
}

/// A plain decimal number in its one spelling.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Names in a folder that may not be there; those that are no text are none of ours.
fn names(folder: &Path) -> PortResult<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.doing(|| format!("look into {}", folder.display()))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.doing(|| format!("look into {}", folder.display()))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn read(path: &Path) -> PortResult<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.doing(|| format!("open {}", path.display()))?,
    };
    let mut bytes = Vec::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.doing(|| format!("read {}", path.display()))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let text = format!("{} is larger than any such file", path.display());
        return Err(PortError::new(Kind::Damaged, text));
    }
    Ok(Some(bytes))
}

/// For the owner alone, and durable.
fn make_folder(folder: &Path) -> PortResult<()> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => {
            return Err(e).doing(|| format!("make {}", folder.display()));
        }
        _ => {}
    }
    folder.parent().map_or(Ok(()), Files::sync_dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Dies at the n-th step that is reached, once.
    #[derive(Debug)]
    struct DiesAt {
        step: AtomicUsize,
    }

    impl AnchorFaults for DiesAt {
        fn at(&self, _: AnchorStep) -> Fate {
            match self.step.fetch_sub(1, Ordering::Relaxed) {
                0 => Fate::Dies,
                _ => Fate::Goes,
            }
        }
    }

    fn keep_all(anchors: &Anchors) -> PortResult<()> {
        anchors.keep_head(7, b"head")?;
        anchors.keep_request(7, 1, b"request")?;
        anchors.keep_answer(7, 1, b"answer")
    }

    /// Three files with two steps each: lost before it has its name, landed after it.
    #[test]
    fn a_step_that_is_lost_or_landed_is_tried_again_and_ends_in_the_same_files() {
        let whole = Asked { number: 1, request: b"request".into(), answer: Some(b"answer".into()) };
        let whole =
            vec![Anchored { size: 7, head: b"head".into(), asked: vec![whole], cosigned: None }];
        for step in 0..6 {
            let folder = tempfile::tempdir().unwrap();
            let faults = Arc::new(DiesAt { step: AtomicUsize::new(step) });
            let anchors = Anchors::with_faults(folder.path(), faults);
            assert!(keep_all(&anchors).is_err(), "{step}");
            // What a crash left can be read, and holds no half of anything.
            let left = Anchors::new(folder.path()).all().unwrap();
            let heads = left.iter().map(|anchored| anchored.head.as_slice());
            assert!(heads.eq([&b"head"[..]].into_iter().skip(usize::from(step == 0))), "{step}");
            let answered = left.iter().flat_map(|anchored| &anchored.asked);
            let answered = answered.filter(|asked| asked.answer.is_some()).count();
            assert_eq!(answered, usize::from(step == 5), "{step}");
            keep_all(&anchors).unwrap();
            keep_all(&anchors).unwrap();
            assert_eq!(anchors.all().unwrap(), whole, "{step}");
            let names = names(&folder.path().join("anchors/7")).unwrap();
            assert_eq!(names.len(), 3, "{step}: {names:?}");
        }
    }

    fn keep_what_witnesses_said(anchors: &Anchors) -> PortResult<()> {
        anchors.keep_cosigned(7, b"head, one")?;
        anchors.keep_cosigned(7, b"head, one, two")?;
        anchors.put_policy(b"quorum none")?;
        anchors.keep_said("409.json", b"{}")
    }

    /// Four writings with two steps each. A cosignature that was told to be kept is never lost by a later step.
    #[test]
    fn what_witnesses_said_survives_every_lost_and_landed_step() {
        for step in 0..8 {
            let folder = tempfile::tempdir().unwrap();
            Anchors::new(folder.path()).keep_head(7, b"head").unwrap();
            let faults = Arc::new(DiesAt { step: AtomicUsize::new(step) });
            let anchors = Anchors::with_faults(folder.path(), faults);
            assert!(keep_what_witnesses_said(&anchors).is_err(), "{step}");
            let left = Anchors::new(folder.path()).all().unwrap().remove(0).cosigned;
            let expected: Option<&[u8]> = match step {
                0 => None,
                1 | 2 => Some(b"head, one"),
                _ => Some(b"head, one, two"),
            };
            assert_eq!(left.as_deref(), expected, "{step}");
            assert_eq!(anchors.policy().unwrap().is_some(), step > 4, "{step}");
            assert_eq!(anchors.said().unwrap().len(), usize::from(step > 6), "{step}");
            keep_what_witnesses_said(&anchors).unwrap();
            let left = Anchors::new(folder.path()).all().unwrap().remove(0).cosigned;
            assert_eq!(left.as_deref(), Some(&b"head, one, two"[..]), "{step}");
            assert_eq!(anchors.said().unwrap(), vec![("409.json".into(), b"{}".to_vec())]);
            let names = names(&folder.path().join("anchors/7")).unwrap();
            assert_eq!(names.len(), 2, "{step}: {names:?}");
        }
    }

    #[test]
    fn what_is_carried_elsewhere_is_the_same_and_is_carried_on_after_every_fault() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let place = elsewhere.path().join("anchors");
        let anchors = Anchors::new(folder.path());
        anchors.carry_to(&place).unwrap();
        assert!(!place.exists());
        keep_all(&anchors).unwrap();
        keep_what_witnesses_said(&anchors).unwrap();
        fs::write(folder.path().join("anchors/tsa-chain.pem"), "pem").unwrap();
        // Seven files with two steps each.
        for step in (0..14).step_by(3) {
            let faults = Arc::new(DiesAt { step: AtomicUsize::new(step) });
            let cut = Anchors::with_faults(folder.path(), faults).carry_to(&place);
            assert!(step > 0 || cut.is_err());
        }
        anchors.carry_to(&place).unwrap();
        let there = Anchors::new(elsewhere.path());
        assert_eq!(there.all().unwrap(), anchors.all().unwrap());
        assert_eq!(there.said().unwrap(), anchors.said().unwrap());
        assert_eq!(there.policy().unwrap(), anchors.policy().unwrap());
        assert_eq!(there.chain().unwrap(), Some(b"pem".to_vec()));
    }

    #[test]
    fn a_head_that_was_never_asked_about_is_not_cosigned_and_a_cosigned_one_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let anchors = Anchors::new(folder.path());
        assert_eq!(anchors.keep_cosigned(7, b"x").unwrap_err().kind, Kind::Invalid);
        anchors.keep_head(7, b"head").unwrap();
        anchors.keep_cosigned(7, b"x").unwrap();
        fs::remove_file(folder.path().join("anchors/7/checkpoint.signed")).unwrap();
        assert_eq!(anchors.all().unwrap_err().kind, Kind::Damaged);
    }

    #[test]
    fn nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let anchors = Anchors::new(folder.path());
        assert_eq!(anchors.all().unwrap(), vec![]);
        keep_all(&anchors).unwrap();
        for other in [
            anchors.keep_head(7, b"other"),
            anchors.keep_request(7, 1, b"other"),
            anchors.keep_answer(7, 1, b"other"),
        ] {
            assert_eq!(other.unwrap_err().kind, Kind::Invalid);
        }
        assert_eq!(anchors.all().unwrap()[0].head, b"head");
    }

    #[test]
    fn what_else_lies_there_is_left_alone_and_a_lost_head_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let anchors = Anchors::new(folder.path());
        keep_all(&anchors).unwrap();
        let dir = folder.path().join("anchors");
        fs::write(dir.join("tsa-chain.pem"), "pem").unwrap();
        fs::write(dir.join("7/01.tsq"), "x").unwrap();
        fs::create_dir(dir.join("007")).unwrap();
        assert_eq!(anchors.all().unwrap().len(), 1);
        assert_eq!(anchors.all().unwrap()[0].asked.len(), 1);
        assert_eq!(anchors.chain().unwrap(), Some(b"pem".to_vec()));
        fs::remove_file(dir.join("7/checkpoint.signed")).unwrap();
        assert_eq!(anchors.all().unwrap_err().kind, Kind::Damaged);
    }
}
