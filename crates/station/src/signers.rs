//! Which evidence key signed when, as `ssh-keygen` reads it (`docs/design/keys.md`, "allowed_signers").

use crate::error::damaged;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_chain::sshsig::{allowed_signers_line, public_line};
use sealdock_core::ports::LedgerView;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_core::time::WallMs;

/// The epochs of the evidence key, oldest first; never empty.
#[derive(Debug, Clone)]
pub struct Signers {
    origin: String,
    epochs: Vec<SigningEpoch>,
}

/// One epoch of the evidence key. Times are the station's claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningEpoch {
    /// From 1.
    pub number: u32,
    /// Raw Ed25519 public key.
    pub public: [u8; 32],
    /// The entry that began it.
    pub since_seq: u64,
    /// When it began; absent for the first.
    pub after: Option<WallMs>,
    /// When it ended; absent for the one in force.
    pub before: Option<WallMs>,
    /// It ended because somebody else could use the key.
    pub stolen: bool,
}

impl SigningEpoch {
    /// From and to, the second later than the first by at least a second: OpenSSH refuses any other line, and with it the
    /// whole file. Keys may be changed twice within one second, or on a clock that stepped back.
    fn span(&self) -> [Option<WallMs>; 2] {
        match (self.after, self.before) {
            (Some(after), Some(before)) if ssh_time(before) <= ssh_time(after) => {
                [Some(after.min(before)), Some(after.max(before).plus_ms(1000))]
            }
            both => both.into(),
        }
    }
}

impl Station {
    /// The epochs of the evidence key.
    ///
    /// # Errors
    /// The register or an entry that it names cannot be read.
    pub fn signers(&self) -> Result<Signers, StationError> {
        Signers::read(self, &*self.world.ledger.view()?)
    }

    /// What the station's clock said when it wrote entry `seq`.
    pub(crate) fn wall_of(&self, seq: u64) -> Result<WallMs, StationError> {
        let wall = self.entry(seq)?.at["wall"].as_str().and_then(WallMs::parse);
        wall.ok_or_else(|| damaged(format!("entry {seq} has no time; run `sealdock check`")))
    }
}

impl Signers {
    pub(crate) fn read(station: &Station, view: &dyn LedgerView) -> Result<Signers, StationError> {
        let rows = view.select(&Query::all(&s::KEY_EPOCH).with("kind", "evidence"))?;
        let mut epochs: Vec<SigningEpoch> = Vec::new();
        for row in &rows {
            let public: Digest = row
                .text("public")
                .parse()
                .map_err(|_| damaged("an evidence key in the register cannot be read"))?;
            let since_seq = row.int("since_seq").unsigned_abs();
            let begun = epochs.last().map(|_| station.wall_of(since_seq)).transpose()?;
            if let Some(earlier) = epochs.last_mut() {
                earlier.before = begun;
                earlier.stolen = row.text_opt("cause") == Some("stolen");
            }
            epochs.push(SigningEpoch {
                number: u32::try_from(row.int("epoch")).unwrap_or(u32::MAX),
                public: public.0,
                since_seq,
                after: begun,
                before: None,
                stolen: false,
            });
        }
        if epochs.is_empty() {
            return Err(damaged("the chain names no evidence key; run `sealdock check`"));
        }
        Ok(Signers { origin: station.origin().to_owned(), epochs })
    }

    /// All of them, oldest first.
    pub fn epochs(&self) -> &[SigningEpoch] {
        &self.epochs
    }

    /// The epoch under which something that entry `seq` says was signed.
    pub fn of_entry(&self, seq: u64) -> &SigningEpoch {
        &self.epochs[self.index_of(seq)]
    }

    fn index_of(&self, seq: u64) -> usize {
        self.epochs.iter().rposition(|epoch| epoch.since_seq < seq).unwrap_or(0)
    }

    /// Entry `seq`, which a signature of its epoch belongs to, was written at `wall`. A clock that stepped
    /// back would put it outside of the epoch; what is printed must hold all the same.
    pub fn reaches(&mut self, seq: u64, wall: WallMs) {
        let index = self.index_of(seq);
        let epoch = &mut self.epochs[index];
        epoch.after = epoch.after.map(|after| after.min(wall));
        epoch.before = epoch.before.map(|before| before.max(wall));
    }

    /// The line of one epoch, for the namespaces of `namespace` and `more`.
    ///
    /// # Errors
    /// The origin cannot stand in such a line.
    pub fn line(
        &self,
        epoch: &SigningEpoch,
        namespace: &str,
        more: &[&str],
    ) -> Result<String, StationError> {
        let [after, before] = epoch.span().map(|at| at.map(ssh_time));
        let line = allowed_signers_line(
            &self.origin,
            namespace,
            &epoch.public,
            after.as_deref(),
            before.as_deref(),
        );
        let line = line.map_err(|e| damaged(format!("the evidence key: {e}")))?;
        // One line for all: a key that stands in two lines makes ssh-keygen complain of the first.
        let all = std::iter::once(&namespace).chain(more).copied().collect::<Vec<_>>().join(",");
        Ok(line.replacen(&format!("\"{namespace}\""), &format!("\"{all}\""), 1))
    }

    /// Keys declared stolen, as `ssh-keygen -r` reads them; `None`: there is none.
    pub fn revoked(&self) -> Option<String> {
        let stolen = self.epochs.iter().filter(|epoch| epoch.stolen);
        let lines = stolen.map(|epoch| {
            public_line(&epoch.public, &format!("{} epoch {}", self.origin, epoch.number)) + "\n"
        });
        Some(lines.collect::<String>()).filter(|lines| !lines.is_empty())
    }
}

/// As `ssh-keygen` takes a moment, to the second: `20261121081506Z`.
pub fn ssh_time(at: WallMs) -> String {
    let digits: String = at.rfc3339().chars().filter(char::is_ascii_digit).take(14).collect();
    digits + "Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signers() -> Signers {
        let epoch =
            |number: u32, since_seq, after: Option<i64>, before: Option<i64>| SigningEpoch {
                number,
                public: [number as u8; 32],
                since_seq,
                after: after.map(WallMs),
                before: before.map(WallMs),
                stolen: number == 2,
            };
        Signers {
            origin: "a.example/s".into(),
            epochs: vec![
                epoch(1, 0, None, Some(1_000_999)),
                epoch(2, 10, Some(1_000_999), Some(2_000_000)),
                epoch(3, 20, Some(2_000_000), None),
            ],
        }
    }

    #[test]
    fn an_epoch_of_no_length_or_less_is_said_as_one_that_openssh_reads() {
        let line = |after, before| {
            let mut all = signers();
            (all.epochs[1].after, all.epochs[1].before) =
                (Some(WallMs(after)), Some(WallMs(before)));
            all.line(&all.epochs[1], "clip@sealdock", &[]).unwrap()
        };
        let same = line(1_000_100, 1_000_900);
        assert!(
            same.contains("valid-after=\"19700101001640Z\",valid-before=\"19700101001641Z\""),
            "{same}"
        );
        let back = line(1_060_000, 1_000_000);
        assert!(
            back.contains("valid-after=\"19700101001640Z\",valid-before=\"19700101001741Z\""),
            "{back}"
        );
        let usual = line(1_000_000, 1_060_000);
        assert!(
            usual.contains("valid-after=\"19700101001640Z\",valid-before=\"19700101001740Z\""),
            "{usual}"
        );
    }

    #[test]
    fn an_entry_belongs_to_the_epoch_that_was_in_force_before_it() {
        let signers = signers();
        for (seq, number) in [(0, 1), (10, 1), (11, 2), (20, 2), (21, 3), (900, 3)] {
            assert_eq!(signers.of_entry(seq).number, number, "entry {seq}");
        }
    }

    #[test]
    fn bounds_that_the_record_does_not_have_are_absent_and_times_are_utc() {
        let signers = signers();
        let line =
            |at: usize| signers.line(&signers.epochs[at], "clip@sealdock", &["x@y"]).unwrap();
        assert!(line(0).starts_with(
            "a.example/s namespaces=\"clip@sealdock,x@y\",valid-before=\"19700101001640Z\" ssh-ed25519 "
        ));
        assert!(
            line(1).contains(",valid-after=\"19700101001640Z\",valid-before=\"19700101003320Z\" ")
        );
        assert!(line(2).contains("\",valid-after=\"19700101003320Z\" ssh-ed25519 "));
    }

    #[test]
    fn a_clock_that_stepped_back_widens_the_epoch_and_never_opens_it() {
        let mut signers = signers();
        signers.reaches(11, WallMs(5_000));
        signers.reaches(12, WallMs(9_000_000));
        assert_eq!(signers.epochs[1].after, Some(WallMs(5_000)));
        assert_eq!(signers.epochs[1].before, Some(WallMs(9_000_000)));
        signers.reaches(25, WallMs(9_000_000));
        assert_eq!(signers.epochs[2].before, None);
    }

    #[test]
    fn only_stolen_keys_are_revoked() {
        let mut signers = signers();
        let revoked = signers.revoked().unwrap();
        assert_eq!(revoked.lines().count(), 1);
        assert!(revoked.starts_with("ssh-ed25519 ") && revoked.ends_with(" a.example/s epoch 2\n"));
        signers.epochs[1].stolen = false;
        assert_eq!(signers.revoked(), None);
    }
}
