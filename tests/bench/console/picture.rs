//! The first picture: from the form that opens a viewing to the bytes of its first two seconds.

use crate::station::{BAYS, PIN, Site, filed, officer, recorder, until};
use crate::web::{self, Asker};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Real footage, and as many bytes behind it as a clip of some minutes has: a box that players skip.
pub fn recorded(site: &Site, bytes: usize) {
    let media = PathBuf::from(
        std::env::var_os("SEALDOCK_MEDIA").expect("cargo xtask bench sets SEALDOCK_MEDIA"),
    );
    let mut film = std::fs::read(media.join("bikes.mp4")).expect("real footage");
    let free = u32::try_from(bytes.saturating_sub(film.len()).max(8)).expect("below 4 GiB");
    film.extend(free.to_be_bytes());
    film.extend(b"free");
    film.resize(film.len() + free as usize - 8, 7);
    let card = site.dir.join("film").join(recorder(BAYS));
    std::fs::create_dir_all(card.join("DCIM")).expect("scratch is writable");
    let name = filed(BAYS, 1);
    let mut file =
        std::fs::File::create(card.join("DCIM").join(name)).expect("scratch is writable");
    file.write_all(&film).expect("scratch has room");
}

/// Docks it; the clip and its session.
pub fn docked(site: &Site) -> (String, String) {
    let (card, bay) =
        (site.dir.join("film").join(recorder(BAYS)), site.dir.join(format!("bay{BAYS}")));
    std::fs::rename(card, bay.join("in").join(recorder(BAYS))).expect("same disk");
    let mut found = None;
    until("the film is stored and looked at", || {
        std::thread::sleep(Duration::from_millis(200));
        let listed = site.sealdock(&format!("clip list --officer {} --json", officer(BAYS)));
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("an answer");
        let clip = &listed["clips"][0];
        found = clip["seq"].as_u64().zip(clip["session"].as_u64());
        found.is_some() && !clip["described"].is_null()
    });
    let (clip, session) = found.expect("just seen");
    (format!("C{clip}"), format!("S{session}"))
}

/// Seconds until it may be shown, and until its first two seconds are there.
pub struct First {
    pub ready_s: f64,
    pub piece_s: f64,
    pub bytes: usize,
}

pub fn first(at: SocketAddr, asker: &Asker, clip: &str) -> First {
    let form = web::get(at, &format!("/view/{clip}"), asker).expect("it answers").text();
    let token =
        form.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = token.unwrap_or_else(|| panic!("no form: {form}"));
    let start = Instant::now();
    let sent = format!("token={token}&access=&reason=look&pin={PIN}");
    let opened = web::post(at, &format!("/view/{clip}"), asker, &sent).expect("it answers");
    let to = opened.header("location").unwrap_or_else(|| panic!("{}", opened.text())).to_owned();
    assert!(to.starts_with(&format!("/view/{clip}/")), "{to}");
    web::lines(at, &format!("{to}/live"), asker, |line| {
        assert!(!line.contains("ended"), "{line}");
        !line.contains("\"ready\"")
    })
    .expect("it goes on");
    let ready_s = start.elapsed().as_secs_f64();
    let piece = web::get(at, &format!("{to}/piece/0"), asker).expect("it answers");
    assert_eq!(piece.status, 200, "{}", piece.text());
    let piece_s = start.elapsed().as_secs_f64();
    let page = web::get(at, &to, asker).expect("it answers").text();
    let token =
        page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let ending = format!("token={}", token.unwrap_or_default());
    let _ended = web::post(at, &format!("{to}/end"), asker, &ending);
    First { ready_s, piece_s, bytes: piece.body.len() }
}
