//! What a request to cosign deserves, from what is known of the record: no clock, no files, no key of our own. The order
//! of the questions is that of c2sp.org/tlog-witness, "add-checkpoint".

use sealdock_chain::growth::Growth;
use sealdock_chain::note::{Checkpoint, NOTE_BYTES_MAX, NoteError, SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::empty_root;

/// The longest request: a note, and less than 4 KiB of proof before it.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + 4096;

/// What a witness knows of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Keys whose signature counts, all of the same origin.
    pub keys: Vec<VerifierKey>,
    /// The head that was cosigned last.
    pub head: Option<Checkpoint>,
}

impl Log {
    fn size(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.size)
    }
}

/// How a request is refused; the statuses of HTTP, which a courier writes down as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 400: not a request of this form.
    Malformed,
    /// 404: no such record is known here.
    UnknownLog,
    /// 403: not signed by a key of that record.
    NotSigned,
    /// 409: it does not begin at the head that was cosigned last, or there is another of its size.
    Conflict,
    /// 422: the proof does not show that the record only grew.
    NotGrown,
}

impl Status {
    /// As HTTP numbers it.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Status::Malformed => 400,
            Status::UnknownLog => 404,
            Status::NotSigned => 403,
            Status::Conflict => 409,
            Status::NotGrown => 422,
        }
    }
}

/// What a log-signed request shows against the head that was cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// Two signed heads of one size with different roots: proof of two histories.
    OtherRoot,
    /// A head that its own proof does not connect: two histories, or a clumsy stranger with a public head.
    NotGrown,
}

/// A request that is not cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: Status,
    /// For people.
    pub why: String,
    /// The size that was cosigned last, where the answer is about it.
    pub size: Option<u64>,
    /// The head in the request and what it shows, where it is signed by the log.
    pub against: Option<(SignedCheckpoint, Against)>,
}

/// What a request deserves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It grew from what was cosigned last. The note has the log's line alone.
    Cosign(SignedCheckpoint),
    /// Nothing is signed.
    Refuse(Box<Refusal>),
}

/// Decides about a request body; `known` finds a record by its origin.
pub fn decide(body: &[u8], known: impl FnOnce(&str) -> Option<Log>) -> Outcome {
    match decided(body, known) {
        Ok(head) => Outcome::Cosign(head),
        Err(refusal) => Outcome::Refuse(refusal),
    }
}

fn decided(
    body: &[u8],
    known: impl FnOnce(&str) -> Option<Log>,
) -> Result<SignedCheckpoint, Box<Refusal>> {
    let text = std::str::from_utf8(body).map_err(|_| no(Status::Malformed, "it is no text"))?;
    let growth = Growth::parse(text).map_err(|e| no(Status::Malformed, &e.to_string()))?;
    let origin = growth.note().split('\n').next().unwrap_or_default();
    let log = known(origin).ok_or_else(|| {
        no(Status::UnknownLog, "this witness does not know that record; its operator adds it")
    })?;
    let head = opened(growth.note(), &log.keys)?;
    let (old, new) = (growth.old(), head.checkpoint());
    if old > new.size {
        let why = format!("it begins at {old} entries and ends at {}", new.size);
        return Err(no(Status::Malformed, &why));
    }
    if let Some(last) = log.head.as_ref().filter(|last| last.size == new.size)
        && last.root != new.root
    {
        let why = format!("another head of {} entries was cosigned already", last.size);
        let against = Some((head.clone(), Against::OtherRoot));
        let (status, size) = (Status::Conflict, Some(last.size));
        return Err(Box::new(Refusal { status, why, size, against }));
    }
    if old != log.size() {
        let why = format!("it begins at {old} entries, cosigned last were {}", log.size());
        let mut refusal = no(Status::Conflict, &why);
        refusal.size = Some(log.size());
        return Err(refusal);
    }
    let last = log.head.unwrap_or_else(|| Checkpoint {
        origin: new.origin.clone(),
        size: 0,
        root: empty_root(),
    });
    match growth.check(&last, new) {
        Ok(()) => Ok(head),
        Err(e) => {
            // From nothing everything has grown: a proof that should not be there speaks against nobody.
            let against = (last.size > 0).then(|| (head.clone(), Against::NotGrown));
            let why = e.to_string();
            Err(Box::new(Refusal { status: Status::NotGrown, why, size: None, against }))
        }
    }
}

/// The head under any key that counts, with that line alone.
fn opened(note: &str, keys: &[VerifierKey]) -> Result<SignedCheckpoint, Box<Refusal>> {
    let mut why = no(Status::NotSigned, "no key is known for that record");
    for key in keys {
        match SignedCheckpoint::open(note, key).and_then(|head| head.bare(key)) {
            Ok(head) => return Ok(head),
            Err(e @ (NoteError::NotSignedBy(_) | NoteError::Signature(_))) => {
                why = no(Status::NotSigned, &e.to_string());
            }
            Err(e) => return Err(no(Status::Malformed, &e.to_string())),
        }
    }
    Err(why)
}

fn no(status: Status, why: &str) -> Box<Refusal> {
    Box::new(Refusal { status, why: why.to_owned(), size: None, against: None })
}

#[cfg(test)]
mod tests;
