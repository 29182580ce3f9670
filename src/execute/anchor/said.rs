//! What witnesses said that is no cosignature. A size that we have is where to ask from; one above our own, and a refused
//! proof, speak against this station until they are explained. Nothing of it is signed: it is a reason to look.

use super::witness::{Cosigned, reached, utc};
use crate::exit::{CliError, Exit};
use sealdock_chain::digest::Digest;
use sealdock_chain::policy::WitnessPolicy;
use sealdock_core::says;
use sealdock_core::why::{Both, Why};
use sealdock_store::anchors::Anchors;
use serde::{Deserialize, Serialize};

/// As it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// As HTTP numbers it.
    pub code: u16,
    /// The size that was said, with 409.
    pub size: Option<u64>,
    /// Label of the policy; none where nobody knows, as with a file from a stick.
    pub witness: Option<String>,
    /// Entries of this station then.
    pub head: u64,
    /// In the words of whoever said it.
    pub why: String,
    /// RFC 3339, by the station's clock.
    pub at: String,
}

impl Said {
    /// Does it speak against this station?
    pub fn alarms(&self) -> bool {
        match self.size {
            Some(size) => size > self.head,
            None => matches!(self.code, 409 | 422),
        }
    }

    /// The least head of ours that explains it when it is cosigned.
    fn up_to(&self) -> u64 {
        self.size.unwrap_or(0).max(self.head)
    }

    /// The same said twice is one file.
    fn name(&self) -> String {
        let who = self.witness.as_deref().unwrap_or_default();
        let head = if self.size.is_some() { 0 } else { self.head };
        let what = format!("{} {:?} {who} {head}", self.code, self.size);
        format!("{}.json", &Digest::of(what.as_bytes()).to_string()[..16])
    }

    fn sentence(&self) -> Why {
        let who = self.witness.as_deref();
        let who = who.map_or(Both("某见证人", "a witness"), |named| Both(named, named));
        let Said { at, head, why, .. } = self;
        match self.size {
            Some(size) => {
                let shrunk = shrunk(size, *head);
                says!("{who:#} 于 {at} 称：{shrunk:#}", "{who} said at {at}: {shrunk}")
            }
            None => says!(
                "{who:#} 于 {at} 拒绝了 {head} 条记录的链头（{why}）：它此前见证的是另一段历史，或该文件并非出自它；先与它的证据核对，再办其他任何事",
                "{who} refused at {at} the head of {head} entries ({why}): what it cosigned before is another history than this \
                 one, or the file is not from it; compare with its evidence before anything else is done"
            ),
        }
    }
}

/// A head larger than ours is cosigned.
pub fn shrunk(cosigned: u64, ours: u64) -> Why {
    says!(
        "本记录有 {cosigned} 条曾获见证，现在只有 {ours} 条：放回了旧副本，或结尾被截去，或他人在用本站密钥签名；不要再采集，并按操作手册（见证人）处理",
        "{cosigned} entries of this record are cosigned and it has {ours}: an old copy was put back, its end was cut off, or \
         somebody else signs with its key; dock nothing more, and follow the guide (operate, witnesses)"
    )
}

/// Keeps it, under the same name for the same thing.
pub fn keep(shelf: &Anchors, said: &Said) -> Result<(), CliError> {
    let json = serde_json::to_vec_pretty(said)
        .map_err(|e| CliError::new(Exit::Failed, format!("what a witness said: {e}")))?;
    Ok(shelf.keep_said(&said.name(), &json)?)
}

/// Everything that was said.
pub fn heard(shelf: &Anchors) -> Result<Vec<Said>, CliError> {
    let read = |(name, bytes): (String, Vec<u8>)| {
        serde_json::from_slice(&bytes).map_err(|e| {
            let text =
                format!("anchors/said/{name} of the station cannot be read: {e}; move it away");
            CliError::new(Exit::Stopped, text)
        })
    };
    shelf.said()?.into_iter().map(read).collect()
}

/// What is not explained yet, in sentences. It is when the witness that said so has cosigned a head of ours that is as
/// large; where nobody knows who it was, when all of them have. A head that they cosigned and we have not is one, too.
pub fn alarms(
    shelf: &Anchors,
    (policy, cosigned): (&WitnessPolicy, &[Cosigned]),
    size: u64,
) -> Result<Vec<Why>, CliError> {
    let reached = reached(cosigned);
    let has = |label: &str, up_to: u64| reached.get(label).is_some_and(|size| *size >= up_to);
    let explained = |said: &Said| match &said.witness {
        Some(label) => has(label, said.up_to()),
        None => policy.witnesses().iter().all(|witness| has(&witness.label, said.up_to())),
    };
    let open = heard(shelf)?.into_iter().filter(|said| said.alarms() && !explained(said));
    let mut alarms: Vec<Why> = open.map(|said| said.sentence()).collect();
    alarms.extend(
        reached.values().max().filter(|most| **most > size).map(|most| shrunk(*most, size)),
    );
    Ok(alarms)
}

/// Now, as `at`.
pub fn now(open: &crate::wire::Open) -> String {
    let ms = open.station.world().clock.now().wall.0;
    utc(ms.max(0).unsigned_abs() / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: u16, size: Option<u64>, head: u64) -> Said {
        let (why, at) = (String::new(), "2026-11-29T08:00:00Z".to_owned());
        Said { code, size, witness: None, head, why, at }
    }

    #[test]
    fn a_size_that_we_have_is_a_place_to_ask_from_and_one_above_ours_an_alarm() {
        assert!(!said(409, Some(500), 500).alarms());
        assert!(said(409, Some(501), 500).alarms());
        assert!(said(409, None, 500).alarms() && said(422, None, 500).alarms());
        assert!(!said(403, None, 500).alarms() && !said(404, None, 500).alarms());
    }

    #[test]
    fn the_same_said_twice_is_one_file_and_of_two_heads_two() {
        assert_eq!(said(409, Some(700), 500).name(), said(409, Some(700), 510).name());
        assert_ne!(said(409, Some(700), 500).name(), said(409, Some(701), 500).name());
        assert_ne!(said(422, None, 500).name(), said(422, None, 501).name());
    }
}
