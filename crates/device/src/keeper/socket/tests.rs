use super::*;
use std::os::unix::net::UnixListener;
use std::thread::JoinHandle;

/// What the other side answers to one line; `None` hangs up.
type Script = &'static [Option<&'static str>];

const OPENED: &str = r#"{"ok":{"disk_sequence":9}}"#;
const REMOUNTED_LINE: &str = r#"{"ok":{"method":"remounted"}}"#;

/// A wiper that says what it is told to, and gives back what it was asked.
fn wiper(script: Script) -> (tempfile::TempDir, SocketKeeper, JoinHandle<Vec<String>>) {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let thread = std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut heard = Vec::new();
        for answer in script {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            heard.push(line);
            let Some(answer) = answer else { return heard };
            stream.get_mut().write_all(format!("{answer}\n").as_bytes()).unwrap();
        }
        let mut rest = String::new();
        stream.read_line(&mut rest).unwrap();
        heard.push(rest);
        heard
    });
    (dir, SocketKeeper::new(&socket), thread)
}

fn intent() -> SignedIntent {
    SignedIntent { bytes: br#"{"bay":"bay-1"}"#.to_vec(), signature: [0xab; 64], file_bytes: 5 }
}

#[test]
fn the_lines_are_those_of_the_document() {
    let script = &[Some(OPENED), Some(REMOUNTED_LINE), Some(r#"{"ok":{}}"#), Some(REMOUNTED_LINE)];
    let (_dir, keeper, thread) = wiper(script);
    let mut held = keeper.open("bay-1", "sdb1").unwrap();
    assert_eq!(held.disk_sequence(), 9);
    assert_eq!(held.cold().unwrap(), "remounted");
    held.wipe(&intent()).unwrap();
    held.end().unwrap();
    let signature = "ab".repeat(64);
    let wanted = [
        "{\"open\":{\"bay\":\"bay-1\",\"volume\":\"sdb1\"}}\n".to_owned(),
        "{\"cold\":{}}\n".to_owned(),
        format!(
            "{{\"wipe\":{{\"intent\":\"{{\\\"bay\\\":\\\"bay-1\\\"}}\",\"signature\":\"{signature}\"}}}}\n"
        ),
        "{\"end\":{}}\n".to_owned(),
        String::new(),
    ];
    assert_eq!(thread.join().unwrap(), wanted);
}

#[test]
fn a_refusal_keeps_its_kind_and_its_words_and_the_act_goes_on() {
    let script = &[
        Some(OPENED),
        Some(r#"{"error":{"kind":"read-only","message":"锁 the lock switch"}}"#),
        Some(r#"{"error":{"kind":"no-such-kind","message":"m"}}"#),
        Some(REMOUNTED_LINE),
    ];
    let (_dir, keeper, _thread) = wiper(script);
    let mut held = keeper.open("bay-1", "sdb1").unwrap();
    let error = held.wipe(&intent()).unwrap_err();
    assert_eq!(error, PortError::new(Kind::ReadOnly, "锁 the lock switch"));
    assert_eq!(held.wipe(&intent()).unwrap_err().kind, Kind::Unknown, "it may mean anything");
    held.end().unwrap();
}

#[test]
fn a_note_is_asked_for_in_the_words_of_the_document() {
    let script = &[
        Some(OPENED),
        Some(r#"{"ok":{"was":"absent"}}"#),
        Some(r#"{"ok":{"was":"earlier"}}"#),
        Some(r#"{"error":{"kind":"damaged","message":"m"}}"#),
        Some(r#"{"ok":{"was":"what?"}}"#),
        None,
    ];
    let (_dir, keeper, thread) = wiper(script);
    let mut held = keeper.open("bay-1", "sdb1").unwrap();
    assert_eq!(held.clock(&intent()), Ok(NoteBefore::Absent));
    assert_eq!(held.clock(&intent()), Ok(NoteBefore::Earlier));
    assert_eq!(held.clock(&intent()).unwrap_err().kind, Kind::Damaged);
    assert_eq!(held.clock(&intent()).unwrap_err().kind, Kind::Failed);
    assert_eq!(held.clock(&intent()).unwrap_err().kind, Kind::Unknown, "the answer was lost");
    drop(held);
    let signature = "ab".repeat(64);
    let wanted = format!(
        "{{\"clock\":{{\"intent\":\"{{\\\"bay\\\":\\\"bay-1\\\"}}\",\"signature\":\"{signature}\"}}}}\n"
    );
    assert_eq!(thread.join().unwrap()[1], wanted);
}

#[test]
fn a_lost_answer_to_a_wipe_is_unknown_and_to_anything_else_a_failure() {
    for lost in [None, Some("what?"), Some(r#"{"ok":{},"error":{}}"#), Some(r#"{"maybe":{}}"#)] {
        let script: Script = Box::leak(Box::new([Some(OPENED), lost]));
        let (_dir, keeper, thread) = wiper(script);
        let mut held = keeper.open("bay-1", "sdb1").unwrap();
        assert_eq!(held.wipe(&intent()).unwrap_err().kind, Kind::Unknown, "{lost:?}");
        // A late answer must not pass for that of the next question.
        assert_eq!(held.wipe(&intent()).unwrap_err().kind, Kind::Failed, "{lost:?}: never asked");
        assert_eq!(held.end().unwrap_err().kind, Kind::Failed);
        let heard = thread.join().unwrap();
        assert_eq!(heard.iter().filter(|line| line.contains("wipe")).count(), 1, "{heard:?}");
    }
    let (_dir, keeper, _thread) = wiper(&[Some(OPENED), None]);
    assert_eq!(keeper.open("b", "v").unwrap().cold().unwrap_err().kind, Kind::Failed);
    let (_dir, keeper, _thread) = wiper(&[Some(OPENED), Some(r#"{"ok":{"method":"pretended"}}"#)]);
    let error = keeper.open("b", "v").unwrap().cold().unwrap_err();
    assert!(error.message.contains("pretended"), "only one way counts: {error}");
    let (_dir, keeper, _thread) = wiper(&[None]);
    assert_eq!(keeper.open("b", "v").err().unwrap().kind, Kind::Failed);
}

#[test]
fn an_act_is_over_when_the_other_side_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = over.clone();
    let thread = std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        stream.read_line(&mut String::new()).unwrap();
        stream.get_mut().write_all(format!("{OPENED}\n").as_bytes()).unwrap();
        assert_eq!(stream.read_line(&mut String::new()).unwrap(), 0, "hung up");
        std::thread::sleep(Duration::from_millis(200));
        told.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    drop(SocketKeeper::new(&socket).open("bay-1", "sdb1").unwrap());
    assert!(over.load(std::sync::atomic::Ordering::SeqCst), "the volume is free again");
    thread.join().unwrap();
}

#[test]
fn nobody_there_is_said_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let error = SocketKeeper::new(&dir.path().join("sock")).open("b", "v").err().unwrap();
    assert!(error.message.contains("systemctl status sealdock-wiper"), "{error}");
}
