use super::*;
use crate::Me;

const EVIL: &str = "<script>alert(1)</script>\"' onload=x";

fn frame(lang: Lang) -> Frame {
    let me = Me {
        person: EVIL.into(),
        name: EVIL.into(),
        token: "t0ken".into(),
        reads_all: true,
        waiting: 2,
    };
    Frame { lang, here: "/desk".into(), unit: EVIL.into(), me: Some(me) }
}

fn session() -> SessionRow {
    let s = || EVIL.to_owned();
    SessionRow {
        session: "S3".into(),
        opened: s(),
        bay: s(),
        recorder: s(),
        officer: s(),
        summary: s(),
    }
}

/// Every page of the desk, filled with what an enemy would write.
fn pages(lang: Lang) -> Vec<String> {
    let s = || EVIL.to_owned();
    let frame = || frame(lang);
    let ask = |own| Ask {
        id: "Z7".into(),
        title: s(),
        facts: vec![(w::REASON, s())],
        clips: vec![(s(), s())],
        terms: Some(Terms { times: 1, times_max: 9, days: 7, days_max: 30 }),
        own,
    };
    let figure = Figure { word: w::ALL_CLIPS, value: s(), href: Some("/clips"), calls: true };
    let filter = Filter {
        day: s(),
        officer: s(),
        recorder: s(),
        marked: true,
        late: true,
        unassigned: true,
        department: s(),
        class: s(),
        case: s(),
        step: s(),
        departments: vec![(s(), s())],
        classes: vec![(s(), s())],
    };
    let clip = ClipRow {
        clip: "C12".into(),
        recorded: s(),
        name: s(),
        size: s(),
        recorder: s(),
        officer: s(),
        marked: true,
        unassigned: true,
    };
    let moment = |gap: bool| Moment {
        entry: (!gap).then_some(9),
        at: s(),
        utc: s(),
        by: s(),
        what: s(),
        gap,
        length: s(),
        usual: false,
    };
    [
        SignIn {
            frame: Frame { me: None, ..frame() },
            said: Some((false, s())),
            to: s(),
            passkey: true,
        }
        .draw(),
        Overview {
            frame: frame(),
            figures: vec![figure],
            alarms: vec![(None, s()), (Some("/sessions/S3".into()), s())],
            sessions: vec![session()],
        }
        .draw(),
        Clips {
            frame: frame(),
            filter,
            rows: vec![clip],
            next: Some("/clips?after=C12".into()),
            said: Some(s()),
        }
        .draw(),
        Clip {
            frame: frame(),
            clip: "C12".into(),
            facts: vec![(w::NAME, s())],
            life: vec![moment(false), moment(true)],
            zone: "+08:00".into(),
            gaps: 1,
            proof: Some((true, s())),
            blocks: Vec::new(),
            said: Some((false, s())),
        }
        .draw(),
        Sessions { frame: frame(), rows: vec![session()] }.draw(),
        Approvals {
            frame: frame(),
            access: vec![ask(false), ask(true)],
            uses: vec![ask(false)],
            others: vec![("/holds/K9".into(), s())],
            said: Some((false, s())),
        }
        .draw(),
        Uses {
            frame: frame(),
            early: vec![s()],
            free: vec![s()],
            waits: vec![ask(false)],
            approved: vec![ask(false)],
            out: vec![ask(false)],
            back: vec![ask(false)],
            breaches: vec![ask(false), ask(true)],
            faulty: vec![(s(), s())],
            clerk: true,
            said: Some((true, s())),
        }
        .draw(),
        Said { frame: frame(), title: w::FAILED, text: s() }.draw(),
    ]
    .into_iter()
    .collect::<Result<_, _>>()
    .unwrap()
}

#[test]
fn whatever_people_and_recorders_wrote_stays_text() {
    for html in Lang::ALL.into_iter().flat_map(pages) {
        assert!(!html.contains("<script>") && !html.contains("' onload"), "{html}");
        assert!(html.contains("&#60;script&#62;"), "the text itself is shown");
    }
}

#[test]
fn no_page_needs_what_the_policy_forbids() {
    for html in Lang::ALL.into_iter().flat_map(pages) {
        for forbidden in ["style=", "javascript:", "<style", "http://", "https://"] {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
        let ours = ["console.js", "passkey.js"]
            .map(|name| format!("<script src=\"/static/{name}\" defer>"));
        assert_eq!(html.matches("<script").count(), ours.len(), "scripts from files of ours alone");
        assert!(ours.iter().all(|script| html.contains(script)));
    }
}

#[test]
fn every_form_that_posts_carries_the_token_of_its_session() {
    for html in pages(Lang::Zh).iter().skip(1) {
        for form in html.split("<form").skip(1).filter(|form| form.contains("method=\"post\"")) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("name=\"token\" value=\"t0ken\""), "{form}");
        }
    }
}

#[test]
fn a_page_is_said_to_be_in_its_language() {
    for (lang, tag) in [(Lang::Zh, "zh-CN"), (Lang::En, "en")] {
        for html in pages(lang) {
            assert!(html.contains(&format!("<html lang=\"{tag}\"")));
        }
    }
}

#[test]
fn nobody_is_offered_to_decide_on_their_own_request() {
    let html = &pages(Lang::Zh)[5];
    assert_eq!(
        html.matches("name=\"pin\"").count(),
        2,
        "of three requests one is the reader's own"
    );
}

#[test]
fn what_can_be_done_to_a_clip_stands_below_all_that_there_is_to_read() {
    let form = |id: &str| Block::Form(crate::rooms::Form::new(id, "/holds", "t"));
    let blocks = vec![form("hold"), Block::Note("read this".into()), form("class")];
    let clip = Clip {
        frame: frame(Lang::Zh),
        clip: "C3".into(),
        facts: vec![(w::DIGEST, "a".repeat(64)), (w::RECORDER, String::new())],
        life: Vec::new(),
        zone: "+08:00".into(),
        gaps: 0,
        proof: None,
        blocks,
        said: None,
    };
    let html = clip.draw().unwrap();
    let at = |text: &str| html.find(text).unwrap();
    assert!(at("read this") < at("id=\"proof\"") && at("id=\"proof\"") < at("id=\"life\""));
    assert!(at("id=\"life\"") < at("id=\"hold\"") && at("id=\"hold\"") < at("id=\"class\""));
    assert_eq!(html.matches("id=\"hold\"").count(), 1);
    assert!(html.contains(&format!("class=\"digest\">{}", "a".repeat(64))));
    assert!(html.contains("class=\"none\">—"));
}

#[test]
fn a_fold_with_something_asked_for_in_it_stands_open() {
    let filter = |marked| Filter { marked, ..Filter::default() };
    let drawn = |filter| {
        let (frame, rows) = (frame(Lang::Zh), Vec::new());
        Clips { frame, filter, rows, next: None, said: None }.draw().unwrap()
    };
    assert!(drawn(filter(true)).contains("<details class=\"rarer\" open>"));
    assert!(drawn(filter(false)).contains("<details class=\"rarer\">"));
}

#[test]
fn who_reads_only_their_own_is_led_nowhere_else() {
    let mut mine = frame(Lang::Zh);
    if let Some(me) = &mut mine.me {
        me.reads_all = false;
    }
    let rooms: Vec<_> = mine.groups().iter().map(|group| group.to).collect();
    assert_eq!(rooms, ["/clips", "/cases", "/uses"]);
    assert!(mine.is_at("/desk") && !mine.is_at("/des") && !mine.is_at("/clips"));
    mine.here = "/asks?clip=C3".into();
    assert!(mine.is_at("/view") && !mine.is_at("/clips"));
}
