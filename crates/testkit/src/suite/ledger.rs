//! The contract of `ports::Ledger` and `ports::LedgerView`.

use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::sshsig;
use sealdock_chain::tree::{Included, NodeSource, inclusion_proof, leaf_hash};
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::event::{
    BayAdded, Event, KeyKind, KeyRotated, PersonEnrolled, PolicyAdopted, ShiftClosed, ShiftOpened,
    Software, StationFounded,
};
use sealdock_core::id::ShiftId;
use sealdock_core::naming;
use sealdock_core::ports::{
    Appended, Decide, Decision, Kind, Ledger, LedgerView, PortError, PortResult, Refusal, Signer,
};
use sealdock_core::schema::{BAY, KEY_EPOCH, PERSON, SHIFT};
use sealdock_core::table::{Cell, Query};
use std::sync::Arc;

/// An empty ledger that nobody founded, and the signer it works with.
pub struct Fresh {
    pub ledger: Box<dyn Ledger>,
    pub signer: Arc<dyn Signer>,
    pub origin: String,
}

/// Runs the whole contract; `make` gives a fresh ledger each time.
///
/// # Panics
/// A claim does not hold.
pub fn ledger(make: impl Fn() -> Fresh) {
    the_founding_is_entry_0(&make());
    for claim in [
        entries_are_linked_and_proven as fn(&Fresh),
        a_refusal_changes_nothing,
        an_event_that_does_not_fit_undoes_its_decision,
        a_decision_sees_what_is_committed,
        a_view_stays_as_it_was,
        tables_answer_queries,
        secrets_are_kept_beside_the_chain,
        every_head_is_signed_and_kept,
        a_rotation_is_under_the_old_key_and_the_rest_under_the_new,
        writers_take_turns,
        a_whole_ledger_has_no_findings,
    ] {
        let fresh = make();
        append(&fresh, vec![founding(&fresh.origin, &*fresh.signer)]);
        claim(&fresh);
    }
}

/// Entry 0 of a station with the keys of `signer`.
///
/// # Panics
/// `origin` is none.
pub fn founding(origin: &str, signer: &dyn Signer) -> Event {
    let (log, evidence) = (signer.public(KeyKind::Log), signer.public(KeyKind::Evidence));
    Event::StationFounded(StationFounded {
        origin: origin.to_owned(),
        unit: "test unit".to_owned(),
        log_vkey: VerifierKey::new(origin, log).expect("a usable origin and key").to_string(),
        evidence_key: sshsig::public_line(&evidence, "evidence"),
        software: Software {
            name: "sealdock".to_owned(),
            version: "0.0.0".to_owned(),
            sha256: None,
        },
        log_public: Digest(log),
        evidence_public: Digest(evidence),
        policy_sha256: Digest::of(b"policy"),
    })
}

fn person(id: &str) -> Event {
    Event::PersonEnrolled(PersonEnrolled {
        id: id.parse().expect("a usable id"),
        name: format!("name of {id}"),
        role: Role::Officer,
        pin_commitment: None,
    })
}

fn bay(id: &str, path: &str) -> Event {
    let (kind, path) = ("folder".to_owned(), path.to_owned());
    Event::BayAdded(BayAdded { id: id.parse().expect("a usable id"), kind, path })
}

fn no_because() -> sealdock_core::why::Why {
    sealdock_core::says!("不行，因为", "no, because")
}

fn decide(fresh: &Fresh, decide: Decide) -> PortResult<Result<Appended, Refusal>> {
    fresh.ledger.transact(&ActorRecord::Operator { uid: 1000 }, decide)
}

fn attempt(fresh: &Fresh, events: Vec<Event>) -> PortResult<Appended> {
    let decided = decide(fresh, Box::new(move |_, _| Ok(Ok(Decision::from(events)))))?;
    Ok(decided.expect("nothing is refused here"))
}

fn append(fresh: &Fresh, events: Vec<Event>) -> Appended {
    attempt(fresh, events).expect("the events fit")
}

fn view(fresh: &Fresh) -> Box<dyn LedgerView> {
    fresh.ledger.view().expect("a view can be opened")
}

fn head(fresh: &Fresh) -> SignedCheckpoint {
    view(fresh).head().expect("there is a head")
}

fn size(fresh: &Fresh) -> u64 {
    head(fresh).checkpoint().size
}

fn persons(view: &dyn LedgerView) -> Vec<String> {
    let rows = view.select(&Query::all(&PERSON)).expect("rows can be read");
    rows.iter().map(|row| row.text("id").to_owned()).collect()
}

struct Nodes<'v>(&'v dyn LedgerView);

impl NodeSource for Nodes<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.0.node(level, index).expect("nodes can be read")
    }
}

fn the_founding_is_entry_0(fresh: &Fresh) {
    assert_eq!(view(fresh).entry(0), Ok(None), "nothing is there before the founding");
    let founding = founding(&fresh.origin, &*fresh.signer);
    let appended = append(fresh, vec![founding.clone()]);
    let view = view(fresh);
    let bytes = view.entry(0).expect("entry 0 can be read").expect("and is there");
    assert_eq!(appended.entries.len(), 1);
    assert_eq!((appended.entries[0].seq, appended.entries[0].leaf), (0, leaf_hash(&bytes)));
    assert_eq!(appended.head.note(), head(fresh).note(), "custody is the persisted head");
    let entry = Entry::decode(&bytes).expect("entry 0 is canonical");
    assert_eq!(entry.event, serde_json::to_value(founding).expect("plain data"));
    assert_eq!(entry.actor["kind"], "operator", "the actor is kept");
    let keys = view.select(&Query::all(&KEY_EPOCH)).expect("rows can be read");
    let log = keys.iter().find(|row| row.text("kind") == "log").expect("the log key is known");
    assert_eq!(log.text("public"), Digest(fresh.signer.public(KeyKind::Log)).to_string());
}

fn entries_are_linked_and_proven(fresh: &Fresh) {
    for count in [1, 2, 5] {
        let events: Vec<Event> = (0..count).map(|n| person(&format!("p{count}-{n}"))).collect();
        let first = size(fresh);
        let appended = append(fresh, events);
        let seqs: Vec<u64> = appended.entries.iter().map(|e| e.seq).collect();
        assert_eq!(seqs, (first..first + count).collect::<Vec<u64>>(), "no gaps");
    }
    let view = view(fresh);
    let checkpoint = view.head().expect("there is a head").checkpoint().clone();
    assert_eq!(checkpoint.size, 9);
    let mut prev = Digest::ZERO;
    for seq in 0..9 {
        let bytes = view.entry(seq).expect("it can be read").expect("it is there");
        let entry = Entry::decode(&bytes).expect("it is canonical");
        assert_eq!((entry.seq, entry.prev), (seq, prev), "each entry names the one before it");
        prev = leaf_hash(&bytes);
        let proof = inclusion_proof(&Nodes(&*view), seq, 9).expect("all nodes are there");
        Included::check(&bytes, seq, &proof, &checkpoint).expect("it is under the signed root");
    }
    assert_eq!(view.entry(9), Ok(None));
    assert_eq!(view.entries(2, 3).expect("a range").len(), 3);
    assert_eq!(view.entries(7, 100).expect("a range past the end").len(), 2);
    assert_eq!(view.entries(9, 1), Ok(Vec::new()));
    assert_eq!(view.entries(7, 1).expect("one")[0], view.entry(7).expect("it").expect("is there"));
    for (level, index) in [(0, 9), (3, 1), (4, 0), (63, 0), (0, u64::MAX)] {
        assert_eq!(view.node(level, index), Ok(None), "outside the tree: {level} {index}");
    }
}

fn a_refusal_changes_nothing(fresh: &Fresh) {
    let before = head(fresh);
    let refused = decide(fresh, Box::new(|_, _| Ok(Err(Refusal(no_because())))));
    assert_eq!(refused.expect("a refusal is no error").err(), Some(Refusal(no_because())));
    let failed = decide(fresh, Box::new(|_, _| Err(PortError::new(Kind::Missing, "inner error"))));
    assert_eq!(failed.map(drop).map_err(|e| e.kind), Err(Kind::Missing));
    let nothing = append(fresh, Vec::new());
    assert!(nothing.entries.is_empty(), "nothing decided, nothing written");
    assert_eq!(nothing.head.note(), before.note());
    assert_eq!(head(fresh).note(), before.note());
    assert_eq!(append(fresh, vec![person("a")]).entries[0].seq, 1, "and it goes on");
}

fn an_event_that_does_not_fit_undoes_its_decision(fresh: &Fresh) {
    let before = head(fresh);
    let shift = ShiftClosed { shift: ShiftId(77) };
    let long = PolicyAdopted { sha256: Digest::of(b""), text: "x".repeat(70_000) };
    let misfits = [
        vec![person("a"), person("a")],
        vec![person("a"), Event::ShiftClosed(shift)],
        vec![person("a"), Event::PolicyAdopted(long)],
    ];
    for events in misfits {
        let failed = attempt(fresh, events).map(drop);
        assert_eq!(failed.map_err(|e| e.kind), Err(Kind::Invalid));
        assert_eq!(persons(&*view(fresh)), Vec::<String>::new(), "the first event is undone");
        assert_eq!(head(fresh).note(), before.note());
    }
    assert_eq!(append(fresh, vec![person("a")]).entries[0].seq, 1, "and it goes on");
}

fn a_decision_sees_what_is_committed(fresh: &Fresh) {
    append(fresh, vec![person("a")]);
    let seen = decide(
        fresh,
        Box::new(|registers, context| {
            let rows = registers.select(&Query::all(&PERSON))?;
            let id = format!("saw-{}-at-{}", rows.len(), context.seq);
            Ok(Ok(Decision::from(vec![person(&id)])))
        }),
    );
    assert_eq!(seen.expect("it fits").expect("it is allowed").entries[0].seq, 2);
    assert_eq!(persons(&*view(fresh)), ["a", "saw-1-at-2"]);
}

fn a_view_stays_as_it_was(fresh: &Fresh) {
    append(fresh, vec![person("a")]);
    let old = view(fresh);
    append(fresh, vec![person("b")]);
    assert_eq!(persons(&*old), ["a"]);
    assert_eq!(old.head().expect("a head").checkpoint().size, 2);
    assert_eq!(old.entry(2), Ok(None));
    assert_eq!(old.node(0, 2), Ok(None));
    assert_eq!(old.entries(0, 10).expect("a range").len(), 2);
    assert_eq!(old.heads(0, 10).expect("heads").last().map(|h| h.checkpoint().size), Some(2));
    assert_eq!(persons(&*view(fresh)), ["a", "b"]);
}

fn tables_answer_queries(fresh: &Fresh) {
    append(fresh, vec![bay("b", "/x"), bay("a", "/y"), bay("c", "/x")]);
    append(fresh, vec![Event::ShiftOpened(ShiftOpened { clerk: "k".parse().expect("an id") })]);
    let view = view(fresh);
    let ids = |query: Query| -> Vec<String> {
        let rows = view.select(&query).expect("rows can be read");
        rows.iter().map(|row| row.text("id").to_owned()).collect()
    };
    assert_eq!(ids(Query::all(&BAY)), ["a", "b", "c"], "in key order");
    assert_eq!(ids(Query::all(&BAY).newest_first().limit(2)), ["c", "b"]);
    assert_eq!(ids(Query::all(&BAY).with("path", "/x")), ["b", "c"]);
    assert_eq!(ids(Query::all(&BAY).with("path", "/x").with("id", "a")), Vec::<String>::new());
    let within = |from: Option<&str>, to: Option<&str>| {
        Query::all(&BAY).within("path", from.map(Cell::from), to.map(Cell::from))
    };
    assert_eq!(ids(within(Some("/x"), Some("/y"))), ["b", "c"], "the end is not in it");
    assert_eq!(ids(within(Some("/y"), None)), ["a"], "the beginning is");
    assert_eq!(ids(within(None, Some("/y")).with("id", "c")), ["c"], "and with other conditions");
    assert_eq!(ids(Query::all(&BAY).after(vec!["a".into()]).limit(1)), ["b"], "the next page");
    assert_eq!(ids(Query::all(&BAY).newest_first().after(vec!["b".into()])), ["a"]);
    let ends = Query::all(&SHIFT).within("closed", None, None);
    assert_eq!(view.select(&ends).expect("rows").len(), 0, "no value is in no range");
    let only = Query::all(&BAY).only(&["path", "id"]).with("kind", "folder").limit(1);
    let narrow = view.select(&only).expect("rows").remove(0);
    assert_eq!((narrow.text("path"), narrow.text("id")), ("/y", "a"));
    assert_eq!(narrow.cells.len(), 2);
    let open = Query::all(&SHIFT).with("closed", Cell::Null).with("open", 1i64);
    let shifts = view.select(&open).expect("rows can be read");
    assert_eq!(shifts.len(), 1, "a missing value equals a missing value");
    let shift = ShiftId(shifts[0].int("seq") as u64);
    append(fresh, vec![Event::ShiftClosed(ShiftClosed { shift })]);
    let now = fresh.ledger.view().expect("a view");
    assert_eq!(now.select(&open).expect("rows").len(), 0, "the row was changed");
    assert_eq!(view.select(&open).expect("rows").len(), 1, "but not for the old view");
}

fn secrets_are_kept_beside_the_chain(fresh: &Fresh) {
    let store = |value: &str, events: Vec<Event>| {
        let secrets = vec![("pin.a".to_owned(), value.to_owned())];
        decide(fresh, Box::new(move |_, _| Ok(Ok(Decision { events, secrets }))))
    };
    assert_eq!(fresh.ledger.secret("pin.a"), Ok(None));
    store("first", vec![person("a")]).expect("it fits").expect("it is allowed");
    assert_eq!(fresh.ledger.secret("pin.a"), Ok(Some("first".to_owned())));
    store("lost", vec![person("a")]).map(drop).expect_err("the event does not fit");
    assert_eq!(fresh.ledger.secret("pin.a"), Ok(Some("first".to_owned())), "undone together");
    store("second", vec![person("b")]).expect("it fits").expect("it is allowed");
    assert_eq!(fresh.ledger.secret("pin.a"), Ok(Some("second".to_owned())), "the last counts");
    let entries = view(fresh).entries(0, 10).expect("a range");
    let shown = entries.iter().any(|bytes| String::from_utf8_lossy(bytes).contains("second"));
    assert!(!shown, "a secret never enters the chain");
}

fn every_head_is_signed_and_kept(fresh: &Fresh) {
    for id in ["a", "b", "c"] {
        append(fresh, vec![person(id)]);
    }
    let view = view(fresh);
    let public = fresh.signer.public(KeyKind::Log);
    let key = VerifierKey::new(fresh.origin.as_str(), public).expect("a usable key");
    let heads = view.heads(1, 100).expect("heads can be read");
    let sizes: Vec<u64> = heads.iter().map(|head| head.checkpoint().size).collect();
    assert_eq!(sizes, [1, 2, 3, 4], "oldest first");
    for head in &heads {
        SignedCheckpoint::open(head.note(), &key).expect("it is signed by the log key");
    }
    assert_eq!(heads.last().map(SignedCheckpoint::note), Some(head(fresh).note()));
    let some = view.heads(2, 2).expect("heads can be read");
    assert_eq!(some.iter().map(|h| h.checkpoint().size).collect::<Vec<u64>>(), [2, 3]);
}

fn a_rotation_is_under_the_old_key_and_the_rest_under_the_new(fresh: &Fresh) {
    let signer = &*fresh.signer;
    let old = signer.public(KeyKind::Log);
    let new = signer.prepare_next(KeyKind::Log, None).expect("a next key");
    let (old_public, new_public) = (Digest(old), Digest(new));
    let statement = KeyRotated::statement(&fresh.origin, KeyKind::Log, 2, &old_public, &new_public);
    let rotation = Event::KeyRotated(KeyRotated {
        key: KeyKind::Log,
        epoch: 2,
        old_public,
        new_public,
        old_signature: naming::hex(&signer.sign(KeyKind::Log, &statement).expect("signs")),
        new_signature: naming::hex(&signer.sign_next(KeyKind::Log, &statement).expect("signs")),
    });
    let late = attempt(fresh, vec![rotation.clone(), person("a")]).map(drop);
    assert_eq!(late.map_err(|e| e.kind), Err(Kind::Invalid), "nothing follows in its decision");
    let rotated = append(fresh, vec![rotation]);
    signer.activate(KeyKind::Log, new).expect("the next key becomes the current one");
    let after = append(fresh, vec![person("a")]);
    for (head, public) in [(rotated.head, old), (after.head, new)] {
        let key = VerifierKey::new(fresh.origin.as_str(), public).expect("a usable key");
        SignedCheckpoint::open(head.note(), &key).expect("it is under the key of its epoch");
    }
    let report = fresh.ledger.verify(true, &mut |_, _| {}).expect("it can be walked");
    assert_eq!(report.findings, [], "both epochs verify");
}

fn writers_take_turns(fresh: &Fresh) {
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                for n in 0..10 {
                    append(fresh, vec![person(&format!("w{writer}-{n}"))]);
                }
            });
        }
    });
    assert_eq!(size(fresh), 41);
    assert_eq!(persons(&*view(fresh)).len(), 40);
    let report = fresh.ledger.verify(false, &mut |_, _| {}).expect("it can be walked");
    assert_eq!(report.findings, []);
}

fn a_whole_ledger_has_no_findings(fresh: &Fresh) {
    append(fresh, vec![person("a"), bay("b", "/x")]);
    for deep in [false, true] {
        let mut last = (0, 0);
        let report = fresh.ledger.verify(deep, &mut |done, total| last = (done, total));
        let report = report.expect("it can be walked");
        assert_eq!((report.entries, report.findings), (3, Vec::new()));
        assert_eq!(last, (3, 3), "progress reaches the end");
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("backup");
    fresh.ledger.backup_to(&file).expect("a backup can be written");
    assert!(file.metadata().expect("it is there").len() > 0);
}
