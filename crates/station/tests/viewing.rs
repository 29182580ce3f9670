//! Footage leaves the vault for a viewing in the chain and for nothing else; what is handed out is what was
//! taken into custody; and what runs ends with the right to it.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::access::{self, Asking, Command as Do, Ground, Level, Purpose, Wanted, Who};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::Command;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::ports::{Kind, Place, PortError, PortResult};
use sealdock_core::schema as s;
use sealdock_station::viewing::{ClipReader, CopyTarget, Wish};
use sealdock_station::{Station, StationError};
use sealdock_testkit::faults::Mode;
use sealdock_testkit::{Faults, clips};
use std::sync::Arc;

/// What ends a right while somebody looks.
type Ending = fn(&Bench, &Station, AccessId, ClipId);

/// Nine MiB: three chunks.
fn footage() -> Vec<u8> {
    clips::bytes(7, 9 << 20)
}

/// A unit whose officer's clip is in custody, with a clerk, a viewer, a colleague and the two who approve.
fn bench() -> (Bench, ClipId) {
    let bench = Bench::new(Setup::single(), &[(LONG, &footage())]);
    let report = bench.visit().unwrap();
    let station = bench.open();
    for (id, role) in [
        ("viewer-1", Role::Viewer),
        ("colleague", Role::DepartmentHead),
        ("leader", Role::PenaltyLeader),
        ("head", Role::UnitHead),
    ] {
        enrol(&station, id, role);
    }
    (bench, clips_of(&report)[0])
}

fn who(station: &Station, id: &str) -> Arc<Actor> {
    station.authenticate(&person(id), PIN).unwrap()
}

fn wish(clip: ClipId) -> Wish {
    Wish { clip, access: None, reason: "to look".to_owned(), matter: None }
}

fn ask(station: &Station, id: &str, command: Do) -> u64 {
    let appended = station.apply(&who(station, id), Command::Access(command)).unwrap();
    appended.entries[0].seq
}

fn approve(access: AccessId) -> Do {
    Do::Approve { access, clips: None, expires: None, times: Some(2), reason: None }
}

fn asking(who: Who, purpose: Purpose, clip: ClipId) -> Do {
    let applicant = (who != Who::Colleague).then(|| access::Applicant {
        person: None,
        name: "Zhao".to_owned(),
        unit: "District court".to_owned(),
        phone: Some("0734-119".to_owned()),
    });
    let wanted = Wanted::Clips { clips: vec![clip] };
    let (matter, reason) = ("(2026) 12".to_owned(), "hearing".to_owned());
    Do::Request(Box::new(Asking { who, purpose, applicant, wanted, matter, reason, letter: None }))
}

/// Approved for a colleague to view.
fn for_colleague(station: &Station, clip: ClipId) -> AccessId {
    let id = ask(station, "colleague", asking(Who::Colleague, Purpose::View, clip));
    ask(station, "leader", approve(AccessId(id)));
    AccessId(id)
}

/// Approved for a court to copy.
fn for_court(station: &Station, clip: ClipId) -> AccessId {
    let id = ask(station, CLERK, asking(Who::Authority, Purpose::Copy, clip));
    ask(station, "head", approve(AccessId(id)));
    AccessId(id)
}

fn whole(mut reader: ClipReader<'_>) -> Result<Vec<u8>, StationError> {
    let mut bytes = Vec::new();
    for n in 0..reader.chunks() {
        bytes.extend_from_slice(reader.chunk(n)?);
    }
    Ok(bytes)
}

fn viewings(bench: &Bench) -> usize {
    bench.story().iter().filter(|kind| *kind == "viewing.opened").count()
}

fn kept(bench: &Bench, clip: ClipId) -> Place {
    let rows = bench.rows(&s::CLIP);
    let row = rows.iter().find(|row| row.int("seq").unsigned_abs() == clip.0).unwrap();
    Place::Kept(row.text("sha256").parse().unwrap())
}

#[test]
fn the_officer_sees_the_very_bytes_and_the_entry_came_first() {
    let (bench, clip) = bench();
    let station = bench.open();
    let viewing = station.view(&who(&station, OFFICER), wish(clip)).unwrap();
    assert_eq!(viewing.ground(), &Ground::Own);
    // No reader was opened yet, and the entry is there under a signed head.
    assert!(matches!(
        station.proven_event(viewing.seq()).unwrap(),
        Event::Access(access::Event::ViewingOpened(_))
    ));
    let reader = station.open_clip(viewing).unwrap();
    assert_eq!((reader.size(), reader.chunks(), reader.clip()), (9 << 20, 3, clip));
    assert_eq!(whole(reader).unwrap(), footage());
    chain::assert_holds(&bench, "after a viewing");
}

/// S10, S13.
#[test]
fn without_a_ground_there_is_no_entry_and_no_byte() {
    let (bench, clip) = bench();
    let station = bench.open();
    for id in [CLERK, "colleague", "leader", "head"] {
        let why = station.view(&who(&station, id), wish(clip)).unwrap_err().to_string();
        assert!(why.contains("may not view"), "{id}: {why}");
    }
    let why = station.view(&operator(), wish(clip)).unwrap_err().to_string();
    assert!(why.contains("their own PIN"), "{why}");
    assert_eq!(viewings(&bench), 0);
    assert!(station.view(&who(&station, "viewer-1"), wish(clip)).is_ok());
}

/// S13.
#[test]
fn where_the_entry_cannot_be_written_nothing_is_served() {
    let (bench, clip) = bench();
    let points = {
        let faults = Faults::none();
        let station = bench.start(&faults).unwrap();
        let actor = who(&station, OFFICER);
        let before = faults.count();
        station.view(&actor, wish(clip)).unwrap();
        before..faults.count()
    };
    let written = viewings(&bench);
    assert!(points.len() > 3, "the steps of a viewing can fail: {points:?}");
    let mut failed = 0;
    for point in points {
        let faults = Faults::at(point, Mode::Lost);
        let Ok(station) = bench.start(&faults) else { continue };
        let Ok(actor) = station.authenticate(&person(OFFICER), PIN) else { continue };
        let before = viewings(&bench);
        match station.view(&actor, wish(clip)) {
            Ok(_) => assert_eq!(viewings(&bench), before + 1, "a proof without its entry"),
            Err(_) => failed += 1,
        }
    }
    assert!(failed > 0, "no fault was met");
    assert!(viewings(&bench) >= written, "nothing of the record is lost");
    chain::assert_holds(&bench, "after faults");
}

#[test]
fn an_entry_that_cannot_be_read_back_serves_nothing() {
    for forgets in [true, false] {
        let (bench, clip) = bench();
        let station = bench.open();
        let actor = who(&station, OFFICER);
        match forgets {
            true => bench.world.ledger.forgets(1),
            false => bench.world.ledger.garbles(1),
        }
        let why = station.view(&actor, wish(clip)).unwrap_err();
        assert_eq!(why.kind(), Kind::Damaged, "{why}");
    }
}

#[test]
fn a_damaged_file_is_noticed_before_its_bytes_are_shown() {
    let (bench, clip) = bench();
    bench.world.vault.rot(&kept(&bench, clip));
    let station = bench.open();
    let viewing = station.view(&who(&station, OFFICER), wish(clip)).unwrap();
    let mut reader = station.open_clip(viewing).unwrap();
    let bad: Vec<usize> = (0..3).filter(|n| reader.chunk(*n).is_err()).collect();
    assert_eq!(bad.len(), 1, "one bit was flipped");
    let why = reader.chunk(bad[0]).unwrap_err();
    assert!(why.to_string().contains("is not what was taken into custody"), "{why}");
    assert!(!why.is_fatal(), "other requests go on");
    assert!(reader.chunk(3).unwrap_err().to_string().contains("has no chunk 3"));
}

#[test]
fn chunk_leaves_that_lie_or_are_gone_are_made_again_and_a_file_that_does_not_fit_is_refused() {
    for bytes in [None, Some(vec![7; 96]), Some(vec![7; 5])] {
        let (bench, clip) = bench();
        let Place::Kept(digest) = kept(&bench, clip) else { panic!("a kept file") };
        let sidecar = Place::Sidecar(digest, "chunks".to_owned());
        bench.world.vault.lose(&sidecar);
        if let Some(bytes) = bytes {
            bench.world.vault.plant(sidecar.clone(), &bytes);
        }
        let station = bench.open();
        let open = |station: &Station| {
            let viewing = station.view(&who(station, OFFICER), wish(clip)).unwrap();
            station.open_clip(viewing).map(|_| ())
        };
        let viewing = station.view(&who(&station, OFFICER), wish(clip)).unwrap();
        assert_eq!(whole(station.open_clip(viewing).unwrap()).unwrap(), footage());
        bench.world.vault.rot(&kept(&bench, clip));
        assert!(open(&station).is_err(), "the whole file is read and does not give the root");
    }
}

/// S13.
#[test]
fn a_running_viewing_ends_with_its_approval_and_with_a_raised_level() {
    let ends: [(Ending, &str); 3] = [
        (
            |_, station, access, _| {
                ask(station, "head", Do::Revoke { access, reason: "no more".to_owned() });
            },
            "stands as revoked",
        ),
        (|bench, _, _, _| bench.world.clock.advance_ms(8 * 86_400_000), "has expired"),
        (
            |_, station, _, clip| {
                let (clips, reason) = (vec![clip], "secret".to_owned());
                ask(station, "head", Do::SetSecrecy { clips, level: Level::TradeSecret, reason });
            },
            "closes it to a view by colleague",
        ),
    ];
    for (end, says) in ends {
        let (bench, clip) = bench();
        let station = bench.open();
        let access = for_colleague(&station, clip);
        let viewing = station.view(&who(&station, "colleague"), wish(clip)).unwrap();
        let mut reader = station.open_clip(viewing).unwrap();
        assert!(reader.chunk(0).is_ok());
        end(&bench, &station, access, clip);
        let why = reader.chunk(1).unwrap_err().to_string();
        assert!(why.contains("it ends here") && why.contains(says), "{why}");
    }
}

/// S11.
#[test]
fn an_approval_is_spent_and_a_clerk_opens_for_an_outsider() {
    let (bench, clip) = bench();
    let station = bench.open();
    for_colleague(&station, clip);
    for _ in 0..2 {
        station.view(&who(&station, "colleague"), wish(clip)).unwrap();
    }
    let why = station.view(&who(&station, "colleague"), wish(clip)).unwrap_err().to_string();
    assert!(why.contains("2 were opened"), "{why}");
    let id = AccessId(ask(&station, CLERK, asking(Who::Authority, Purpose::View, clip)));
    ask(&station, "head", approve(id));
    let named = Wish { access: Some(id), ..wish(clip) };
    let viewing = station.view(&who(&station, CLERK), named).unwrap();
    let visitor = access::Viewer::Visitor { name: "Zhao".into(), unit: "District court".into() };
    assert_eq!(viewing.viewer(), &visitor);
    chain::assert_holds(&bench, "after an approval was spent");
}

/// Files in memory; from `breaks` on, writing fails; `lies` reads other bytes back.
#[derive(Default)]
struct Disc {
    files: Vec<(String, Vec<u8>)>,
    breaks: Option<usize>,
    lies: bool,
    /// Entries of the chain when the first byte came.
    seen: Option<u64>,
    ledger: Option<sealdock_testkit::LedgerDisk>,
}

impl CopyTarget for Disc {
    fn begin(&mut self, name: &str) -> PortResult<()> {
        self.seen = self.ledger.as_ref().map(|ledger| ledger.size());
        self.files.push((name.to_owned(), Vec::new()));
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> PortResult<()> {
        let file = &mut self.files.last_mut().unwrap().1;
        if self.breaks.is_some_and(|breaks| file.len() >= breaks) {
            return Err(PortError::new(Kind::NoSpace, "the disc is full"));
        }
        file.extend_from_slice(bytes);
        Ok(())
    }
    fn finish(&mut self) -> PortResult<Digest> {
        let bytes = &self.files.last().unwrap().1;
        Ok(Digest::of(if self.lies { b"other" } else { bytes }))
    }
}

#[test]
fn a_copy_has_an_entry_before_its_first_byte_and_one_when_it_is_whole() {
    let (bench, clip) = bench();
    let station = bench.open();
    let access = for_court(&station, clip);
    let mut disc = Disc { ledger: Some(bench.world.ledger.clone()), ..Disc::default() };
    let report = station.carry_out(&who(&station, CLERK), (access, "disc 7"), &mut disc).unwrap();
    assert_eq!(disc.seen, Some(report.copy + 1), "the entry is the last one when bytes begin");
    assert_eq!(disc.files, [(format!("{clip}.mp4"), footage())]);
    assert_eq!(report.files[0].sha256, Digest::of(&footage()));
    let row = &bench.rows(&access::COPY_OUT)[0];
    assert_eq!(row.int("completed_seq").unsigned_abs(), report.completed);
    chain::assert_holds(&bench, "after a copy");
}

#[test]
fn a_copy_that_breaks_or_reads_back_wrong_is_void_and_spent() {
    let (bench, clip) = bench();
    let station = bench.open();
    let access = for_court(&station, clip);
    let clerk = who(&station, CLERK);
    let mut full = Disc { breaks: Some(4 << 20), ..Disc::default() };
    let why = station.carry_out(&clerk, (access, "disc 7"), &mut full).unwrap_err();
    assert_eq!(why.kind(), Kind::NoSpace, "{why}");
    let mut liar = Disc { lies: true, ..Disc::default() };
    let why = station.carry_out(&clerk, (access, "disc 8"), &mut liar).unwrap_err().to_string();
    assert!(why.contains("the copy is void"), "{why}");
    let rows = bench.rows(&access::COPY_OUT);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.int_opt("completed_seq").is_none()));
    let mut third = Disc::default();
    let why = station.carry_out(&clerk, (access, "disc 9"), &mut third).unwrap_err().to_string();
    assert!(why.contains("2 were begun, finished or not"), "{why}");
    assert_eq!(third.files.len(), 0);
}

/// Something happens while the first chunk is written.
struct Meanwhile<'a> {
    disc: Disc,
    event: Option<&'a dyn Fn()>,
}

impl CopyTarget for Meanwhile<'_> {
    fn begin(&mut self, name: &str) -> PortResult<()> {
        self.disc.begin(name)
    }
    fn write(&mut self, bytes: &[u8]) -> PortResult<()> {
        if let Some(event) = self.event.take() {
            event();
        }
        self.disc.write(bytes)
    }
    fn finish(&mut self) -> PortResult<Digest> {
        self.disc.finish()
    }
}

/// Chunks are read ahead; a right that ends lets none of them out.
#[test]
fn a_running_copy_ends_with_its_approval_before_the_next_chunk() {
    let ends: [(Ending, &str); 2] = [
        (
            |_, station, access, _| {
                ask(station, "head", Do::Revoke { access, reason: "no more".to_owned() });
            },
            "stands as revoked",
        ),
        (|bench, _, _, _| bench.world.clock.advance_ms(8 * 86_400_000), "has expired"),
    ];
    for (end, says) in ends {
        let (bench, clip) = bench();
        let station = bench.open();
        let access = for_court(&station, clip);
        let clerk = who(&station, CLERK);
        let event = || end(&bench, &station, access, clip);
        let mut target = Meanwhile { disc: Disc::default(), event: Some(&event) };
        let why = station.carry_out(&clerk, (access, "x"), &mut target).unwrap_err().to_string();
        assert!(why.contains("it ends here") && why.contains(says), "{why}");
        assert_eq!(target.disc.files[0].1, footage()[..4 << 20], "the chunk that was under way");
        assert!(bench.rows(&access::COPY_OUT)[0].int_opt("completed_seq").is_none());
    }
}

#[test]
fn a_damaged_clip_is_not_copied_on() {
    let (bench, clip) = bench();
    let station = bench.open();
    let access = for_court(&station, clip);
    bench.world.vault.rot(&kept(&bench, clip));
    let mut disc = Disc::default();
    let why = station.carry_out(&who(&station, CLERK), (access, "x"), &mut disc).unwrap_err();
    assert!(why.to_string().contains("is not what was taken into custody"), "{why}");
    assert!(disc.files[0].1.len() < footage().len());
    assert!(bench.rows(&access::COPY_OUT)[0].int_opt("completed_seq").is_none());
}

#[test]
fn nobody_copies_but_a_clerk_and_nothing_without_approval() {
    let (bench, clip) = bench();
    let station = bench.open();
    let access = for_court(&station, clip);
    let mut disc = Disc::default();
    for id in [OFFICER, "viewer-1", "head"] {
        let actor = who(&station, id);
        let why = station.carry_out(&actor, (access, "x"), &mut disc).unwrap_err().to_string();
        assert!(why.contains("carried out by a clerk"), "{id}: {why}");
    }
    let clerk = who(&station, CLERK);
    let why = station.carry_out(&clerk, (AccessId(0), "x"), &mut disc).unwrap_err().to_string();
    assert!(why.contains("is not approved"), "{why}");
    assert!(station.carry_out(&operator(), (access, "x"), &mut disc).is_err());
    assert_eq!(disc.files.len(), 0);
}

#[test]
fn who_saw_a_clip_is_told_from_the_chain_up_to_its_head() {
    let (bench, clip) = bench();
    let station = bench.open();
    let none = station.sights(clip, None).unwrap();
    assert_eq!((none.sights.len(), none.size), (0, bench.world.ledger.size()));
    station.view(&who(&station, OFFICER), wish(clip)).unwrap();
    let access = for_court(&station, clip);
    let clerk = who(&station, CLERK);
    station.carry_out(&clerk, (access, "disc"), &mut Disc::default()).unwrap();
    let said = station.sights(clip, None).unwrap();
    let what: Vec<&str> = said.sights.iter().map(|sight| sight.what).collect();
    assert_eq!((what, said.size), (vec!["viewing", "copy"], bench.world.ledger.size()));
    let before = station.sights(clip, Some(said.sights[0].at)).unwrap();
    assert_eq!(before.sights.len(), 0);
    assert!(station.sights(ClipId(0), None).is_err());
}
