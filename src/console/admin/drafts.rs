//! What was uploaded or typed and is looked at before it is signed: in memory, a few at a time, each its owner's alone.

use crate::console::signed::random;
use crate::exit::CliError;
use sealdock_core::id::{MatterId, PersonId};
use sealdock_core::import::{Subject, Table};
use sealdock_core::matter::MatterRecord;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// At once, of everybody; a sheet takes some 50 MiB at most, which `sealdock_report::reading` sees to.
const DRAFTS_MAX: usize = 6;
/// The same of cases, each of which is a few KiB.
const CASES_MAX: usize = 60;
/// One's own, of which the oldest gives way.
const OF_ONE_MAX: usize = 2;
/// Until it is forgotten.
const LASTS: Duration = Duration::from_secs(1800);

#[derive(Clone)]
pub enum Draft {
    /// Of what, how it was read, its cells.
    Sheet(Subject, String, Table),
    Policy(String),
    /// Which case, the entry whose record it would replace, the record.
    Case(MatterId, u64, MatterRecord),
}

impl Draft {
    /// As many of its kind are kept, of everybody.
    fn most(&self) -> usize {
        match self {
            Draft::Sheet(..) | Draft::Policy(_) => DRAFTS_MAX,
            Draft::Case(..) => CASES_MAX,
        }
    }
}

struct Kept {
    name: String,
    owner: PersonId,
    since: Instant,
    draft: Draft,
}

pub struct Drafts {
    all: Mutex<Vec<Kept>>,
    reading: Arc<Semaphore>,
}

impl Default for Drafts {
    fn default() -> Drafts {
        Drafts { all: Mutex::default(), reading: Arc::new(Semaphore::new(1)) }
    }
}

impl Drafts {
    /// Sheets are read and planned one after the other: while that lasts each takes several times its size.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Nobody closes it, so there is always a turn.
        Arc::clone(&self.reading).acquire_owned().await.ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| kept.since.elapsed() < LASTS);
        all
    }

    /// Its name.
    ///
    /// # Errors
    /// The kernel gives no randomness.
    pub fn keep(&self, owner: &PersonId, draft: Draft) -> Result<String, CliError> {
        let name = random()?;
        let mut all = self.lock();
        let like = |kept: &Kept| kept.draft.most() == draft.most();
        let own = |kept: &Kept| like(kept) && kept.owner == *owner;
        if all.iter().filter(|kept| own(kept)).count() >= OF_ONE_MAX
            && let Some(oldest) = all.iter().position(own)
        {
            all.remove(oldest);
        }
        if all.iter().filter(|kept| like(kept)).count() >= draft.most()
            && let Some(oldest) = all.iter().position(like)
        {
            all.remove(oldest);
        }
        let (owner, since) = (owner.clone(), Instant::now());
        all.push(Kept { name: name.clone(), owner, since, draft });
        Ok(name)
    }

    /// One's own, to look at and to sign; it stays until it is too old, since a wrong PIN is no reason to type it anew.
    pub fn take(&self, owner: &PersonId, name: &str) -> Option<Draft> {
        let all = self.lock();
        let found = all.iter().find(|kept| kept.name == name && kept.owner == *owner);
        found.map(|kept| kept.draft.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_its_owners_alone_and_few_are_kept() {
        let (all, policy) = (Drafts::default(), |n: usize| Draft::Policy(n.to_string()));
        let [one, two]: [PersonId; 2] = ["u1", "u2"].map(|id| id.parse().unwrap());
        let name = all.keep(&one, policy(1)).unwrap();
        assert!(matches!(all.take(&one, &name), Some(Draft::Policy(text)) if text == "1"));
        assert!(all.take(&two, &name).is_none() && all.take(&one, "").is_none());
        for n in 0..OF_ONE_MAX {
            all.keep(&two, policy(n)).unwrap();
            all.keep(&two, policy(n)).unwrap();
        }
        assert!(all.take(&one, &name).is_some(), "nobody drives another's out");
        assert_eq!(all.lock().len(), 1 + OF_ONE_MAX);
        for n in 0..DRAFTS_MAX {
            all.keep(&format!("q{n}").parse().unwrap(), policy(n)).unwrap();
        }
        assert_eq!(all.lock().len(), DRAFTS_MAX);
    }

    #[test]
    fn cases_drive_no_sheet_out_and_are_few_themselves() {
        let all = Drafts::default();
        let head: PersonId = "u1".parse().unwrap();
        let policy = all.keep(&head, Draft::Policy(String::new())).unwrap();
        let record = MatterRecord {
            kind: sealdock_core::matter::MatterKind::Other,
            title: "t".into(),
            parties: Vec::new(),
            officers: Vec::new(),
            department: None,
            case_file: None,
        };
        for n in 0..2 * CASES_MAX {
            let owner = format!("o{n}").parse().unwrap();
            all.keep(&owner, Draft::Case(MatterId(1), 1, record.clone())).unwrap();
        }
        assert!(all.take(&head, &policy).is_some());
        assert_eq!(all.lock().len(), 1 + CASES_MAX);
    }
}
