use super::*;

fn tile(state: Bay) -> Tile {
    Tile {
        state,
        recorder: Some("J800000".into()),
        officer: Some("张三".into()),
        ..Tile::empty("b2")
    }
}

fn wall(tiles: Vec<Tile>) -> Wall {
    Wall {
        tiles,
        due: Vec::new(),
        fingerprint: "3f9a".into(),
        entries: 7,
        anchor_age_s: None,
        alarms: Vec::new(),
    }
}

fn said(text: &str) -> Said {
    Said { chinese: text.to_owned(), english: format!("{text} in English") }
}

#[test]
fn each_wall_says_what_happened_in_its_own_language() {
    let what = Said { chinese: "请管理员处理".into(), english: "a clerk decides".into() };
    let mut wall = wall(vec![Tile { what: Some(what.clone()), ..tile(Bay::Decide) }]);
    wall.alarms.push(what);
    for (lang, here, there) in [
        (Lang::Zh, "请管理员处理", "a clerk decides"),
        (Lang::En, "a clerk decides", "请管理员处理"),
    ] {
        let html = wall.inner(lang).unwrap();
        assert_eq!((html.matches(here).count(), html.matches(there).count()), (2, 0), "{lang:?}");
    }
}

fn filled(tile: &Tile) -> u32 {
    tile.parts().iter().map(|(.., width)| width).sum()
}

#[test]
fn the_bar_never_runs_backwards_and_is_full_only_when_it_is_done() {
    // As a session reports: two batches, each copied and read back; then all is read again, and wiped.
    let told = [
        (Bay::Listing, 0, 0),
        (Bay::Copying, 0, 0),
        (Bay::Copying, 40, 0),
        (Bay::Proving, 0, 1),
        (Bay::Proving, 40, 1),
        (Bay::Copying, 40, 1),
        (Bay::Copying, 100, 1),
        (Bay::Proving, 0, 2),
        (Bay::Proving, 100, 2),
        (Bay::Wiping, 100, 0),
    ];
    let (mut way, mut seen) = (Way::default(), Vec::new());
    for (state, bytes_done, lines_done) in told {
        let mut now = Tile { bytes_done, bytes: 100, lines_done, lines: 2, ..tile(state) };
        way.follow(&mut now);
        assert_eq!(filled(&now), now.done);
        seen.push((now.done, now.lines_done, now.bytes_done));
    }
    assert!(seen.windows(2).all(|two| two[0].0 <= two[1].0 && two[0].1 <= two[1].1), "{seen:?}");
    assert_eq!(seen[2].0, 5 + 55 * 40 / 100);
    assert_eq!(seen[4], (27, 1, 40), "a batch that is read back is not the second reading");
    assert_eq!((seen[8].0, seen[9].0), (90, 90));
    assert_eq!(filled(&tile(Bay::Done)), 100);
}

#[test]
fn a_recorder_that_sends_more_than_it_listed_fills_no_more_than_its_part() {
    let (mut way, mut more) =
        (Way::default(), Tile { bytes_done: 9, bytes: 4, lines: 1, ..tile(Bay::Copying) });
    way.follow(&mut more);
    assert_eq!(filled(&more), 60);
    let mut nothing = tile(Bay::Copying);
    Way::default().follow(&mut nothing);
    assert_eq!(filled(&nothing), 5, "nothing is known yet");
}

#[test]
fn the_time_left_needs_a_rate_and_a_part_that_counts_bytes() {
    let copying =
        Tile { bytes: 100, bytes_done: 40, rate: Some(25), lines: 2, ..tile(Bay::Copying) };
    assert_eq!(copying.left(), Some(3));
    assert_eq!(Tile { rate: Some(0), ..copying.clone() }.left(), None);
    assert_eq!(Tile { state: Bay::Wiping, ..copying }.left(), None);
}

#[test]
fn what_happened_is_said_only_where_somebody_has_to_come() {
    for (state, shown) in
        [(Bay::Decide, true), (Bay::Fault, true), (Bay::NotOurs, true), (Bay::Done, false)]
    {
        let text = "第 3 个文件读不完整";
        let html =
            wall(vec![Tile { what: Some(said(text)), ..tile(state) }]).inner(Lang::Zh).unwrap();
        assert_eq!(html.contains(text), shown, "{state:?}");
    }
}

#[test]
fn a_state_is_a_word_and_a_sign_besides_its_colour_in_both_languages() {
    let all = [
        Bay::Empty,
        Bay::NotOurs,
        Bay::Confirm,
        Bay::Listing,
        Bay::Copying,
        Bay::Proving,
        Bay::Wiping,
        Bay::Done,
        Bay::Decide,
        Bay::Fault,
        Bay::Early,
        Bay::Left,
    ];
    for state in all {
        // A hand is drawn: its letter is in no font but those of emoji.
        let sign = if state == Bay::Decide { "<svg class=\"hand\"" } else { state.sign() };
        assert!(!sign.is_empty());
        for lang in Lang::ALL {
            let html = wall(vec![tile(state)]).inner(lang).unwrap();
            assert!(html.contains(lang.t(state.word())) && html.contains(sign), "{state:?}");
            let done = lang.t(w::DONE);
            assert_eq!(html.contains(done), state == Bay::Done, "{state:?} is called done");
        }
    }
}

#[test]
fn names_from_recorders_stay_text() {
    let evil = "<img src=x onerror=alert(1)>\"'&";
    let one = Tile {
        recorder: Some(evil.into()),
        officer: Some(evil.into()),
        what: Some(said(evil)),
        ..tile(Bay::Fault)
    };
    let mut wall = wall(vec![one]);
    wall.alarms.push(said(evil));
    wall.due.push(Due { officer: evil.into(), recorder: evil.into(), dock: true, left_s: -90 });
    let html = page(Lang::Zh, (evil, 480), &wall.inner(Lang::Zh).unwrap()).unwrap();
    assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
}

#[test]
fn who_is_late_stands_as_late() {
    let due = |left_s| Due { officer: "李四".into(), recorder: "J1".into(), dock: false, left_s };
    assert_eq!(due(-7_300).when(&Lang::Zh), "逾期 2 小时 1 分");
    assert_eq!(due(7_300).when(&Lang::En), "in 2 h 1 min");
}

#[test]
fn what_calls_for_somebody_is_counted() {
    let mut wall = wall(vec![tile(Bay::Fault), tile(Bay::Confirm), tile(Bay::Decide)]);
    assert_eq!(wall.calls(), 2);
    wall.alarms.push(said("stopped"));
    assert_eq!(wall.calls(), 3);
}
