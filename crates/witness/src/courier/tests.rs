use super::*;
use crate::testing::{ORIGIN, Record, key, record};
use std::fs;

struct Stick {
    folder: tempfile::TempDir,
}

impl Stick {
    fn new() -> Stick {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("outbox").join(origin_hash(ORIGIN))).unwrap();
        Stick { folder }
    }

    fn ask(&self, record: &Record, old: u64, new: u64) {
        let name = format!("outbox/{}/{old}-{new}.add-checkpoint", origin_hash(ORIGIN));
        fs::write(self.folder.path().join(name), record.request(old, new).to_string()).unwrap();
    }

    fn answered(&self, me: &Witness, now: u64) -> Vec<Answered> {
        let requests = requests(self.folder.path()).unwrap();
        let ask = |file: &PathBuf| answer(me, file, (self.folder.path(), now)).unwrap();
        requests.iter().map(ask).collect()
    }

    fn inbox(&self) -> Vec<String> {
        disk::names(&self.folder.path().join("inbox").join(origin_hash(ORIGIN))).unwrap()
    }

    fn read(&self, name: &str) -> String {
        let inbox = self.folder.path().join("inbox").join(origin_hash(ORIGIN));
        fs::read_to_string(inbox.join(name)).unwrap()
    }
}

fn witness(folder: &Path, name: &str) -> Witness {
    let me = Witness::make(&folder.join(name), &format!("court.example/{name}")).unwrap();
    me.add_log(&key(1)).unwrap();
    me
}

#[test]
fn two_witnesses_answer_one_stick_and_neither_writes_over_the_other() {
    let (stick, home, record) = (Stick::new(), tempfile::tempdir().unwrap(), record("a", 0));
    let (one, two) = (witness(home.path(), "w1"), witness(home.path(), "w2"));
    stick.ask(&record, 0, 7);
    stick.answered(&one, 100);
    stick.answered(&two, 100);
    let lines = stick.read("0-7.cosig");
    let head = record.signed(7, 1).with_lines(&lines).unwrap();
    assert_eq!(lines.lines().count(), 2);
    for me in [&one, &two] {
        assert_eq!(me.key().cosigned(&head).unwrap(), Some(100));
    }
    // Brought again it is not signed again.
    assert_eq!(stick.answered(&one, 200)[0].answer, None);
    assert_eq!(stick.read("0-7.cosig"), lines);
    // Both say where they are; the second one beside the first.
    stick.ask(&record, 5, 9);
    stick.answered(&one, 300);
    let three = witness(home.path(), "w3");
    assert_eq!(three.answer(record.request(0, 8).to_string().as_bytes(), 1).status, 200);
    stick.answered(&three, 300);
    assert_eq!(stick.read("5-9.409"), "7\n");
    let names = stick.inbox();
    let beside = names.iter().find(|name| name.starts_with("5-9.") && *name != "5-9.409").unwrap();
    assert_eq!(stick.read(beside), "8\n");
}

#[test]
fn requests_are_answered_in_an_order_in_which_each_may_begin_the_next() {
    let (stick, home, record) = (Stick::new(), tempfile::tempdir().unwrap(), record("a", 0));
    let me = witness(home.path(), "w1");
    for (old, new) in [(7, 11), (0, 7), (11, 20)] {
        stick.ask(&record, old, new);
    }
    let statuses: Vec<u16> =
        stick.answered(&me, 1).iter().map(|done| done.answer.as_ref().unwrap().status).collect();
    assert_eq!(statuses, [200, 200, 200]);
}

#[test]
fn a_refusal_says_why_and_by_whom_and_nothing_else_on_the_stick_is_read_or_followed() {
    let (stick, home) = (Stick::new(), tempfile::tempdir().unwrap());
    let me = witness(home.path(), "w1");
    let root = stick.folder.path();
    let outbox = root.join("outbox").join(origin_hash(ORIGIN));
    fs::write(root.join("outbox/other.add-checkpoint"), "x").unwrap();
    fs::write(outbox.join("notes.txt"), "x").unwrap();
    fs::create_dir(root.join("outbox/elsewhere")).unwrap();
    fs::write(root.join("outbox/elsewhere/0-7.add-checkpoint"), "x").unwrap();
    assert!(requests(root).unwrap().is_empty());

    stick.ask(&record("a", 0), 0, 7);
    stick.answered(&me, 1);
    stick.ask(&record("b", 3), 7, 9);
    stick.ask(&record("b", 3), 0, 7);
    stick.answered(&me, 2);
    assert!(stick.read("7-9.refused").starts_with("422 court.example/w1: "));
    // A link that somebody put there is not followed, and what is no request gets no file.
    std::os::unix::fs::symlink("/etc/passwd", outbox.join("1-2.add-checkpoint")).unwrap();
    assert!(answer(&me, &outbox.join("1-2.add-checkpoint"), (root, 3)).is_err());
    fs::write(outbox.join("8-9.add-checkpoint"), "old 8\n").unwrap();
    let done = answer(&me, &outbox.join("8-9.add-checkpoint"), (root, 3)).unwrap();
    assert_eq!((done.written, done.answer.unwrap().status), (None, 400));
}
