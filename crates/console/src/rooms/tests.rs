use super::*;
use crate::Me;

const EVIL: &str = "<script>alert(1)</script>\"' onload=x";

fn s() -> String {
    EVIL.to_owned()
}

fn frame(lang: Lang, reads_all: bool) -> Frame {
    let me = Me { person: s(), name: s(), token: "t0ken".into(), reads_all, waiting: 2 };
    Frame { lang, here: "/disposal/P9?said=x".into(), unit: s(), me: Some(me) }
}

fn field(input: Input) -> Field {
    Field { name: "any", label: s(), input, required: true }
}

fn every_input() -> Vec<Field> {
    vec![
        field(Input::Line(s(), 500)),
        field(Input::Lines(s(), 500)),
        field(Input::Number(s(), 1, 5)),
        field(Input::Day(s())),
        field(Input::Month(s())),
        field(Input::Choice(vec![(s(), s())], s())),
        field(Input::Ticks(vec![(s(), s())], vec![s()])),
    ]
}

fn form(reads: bool, shut: bool) -> Form {
    let (fields, buttons) = (every_input(), vec![Button::sending("act", "do", EVIL, true)]);
    let form = Form { reads, shut, fields, buttons, ..Form::new("f", "/disposal", EVIL) };
    form.note(EVIL).hidden("held", EVIL).showing(vec![(s(), s())])
}

fn lane() -> Lane {
    let span = |from_s, to_s| Span { from_s, to_s, clip: "C1".into(), marked: true };
    Lane { recorder: s(), officer: s(), spans: vec![span(0, 90), span(400, 500)], untimed: 1 }
}

/// One of each, filled with what an enemy would write.
fn blocks() -> Vec<Block> {
    let cells = || {
        vec![
            Cell::Text(s()),
            Cell::Number(s()),
            Cell::Time(s()),
            Cell::Link("/clips/C1".into(), s()),
            Cell::Tag(true, s()),
        ]
    };
    let table = Table {
        caption: s(),
        head: vec![s(); 5],
        rows: vec![cells()],
        totals: Some(cells()),
        empty: s(),
    };
    let tally = |href| Tally { value: s(), name: s(), also: s(), href, calls: true };
    let day = Day { number: 1, href: Some("/calendar?day=2026-11-01".into()), clips: 3, marked: 1 };
    let month = Month {
        name: s(),
        begins: 6,
        days: vec![day],
        weekdays: std::array::from_fn(|_| s()),
        unit: s(),
        before: "/calendar".into(),
        after: "/calendar".into(),
        before_name: s(),
        after_name: s(),
    };
    vec![
        Block::Heading(s()),
        Block::Note(s()),
        Block::Notice(true, s()),
        Block::Notice(false, s()),
        Block::Facts(vec![(s(), s())]),
        Block::Figures(vec![tally(None), tally(Some("/clips".into()))]),
        Block::Table(table),
        Block::Table(Table { empty: s(), ..Table::default() }),
        Block::Form(form(false, false)),
        Block::Form(form(false, true)),
        Block::Form(form(true, false)),
        Block::Links(vec![("/clips".into(), s())]),
        Block::Running(s()),
        Block::Month(month),
        Block::Timeline(Timeline::new(s(), vec![lane()], s())),
        Block::Timeline(Timeline::new(s(), vec![], s())),
    ]
}

fn room(lang: Lang, blocks: Vec<Block>) -> String {
    let beside = vec![("/disposal".to_owned(), s())];
    let said = Some((false, s()));
    Room { frame: frame(lang, true), title: s(), beside, said, blocks }.draw().unwrap()
}

#[test]
fn nothing_from_outside_becomes_markup() {
    for lang in Lang::ALL {
        let html = room(lang, blocks());
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(!html.contains("\"' onload"), "an attribute ends early");
        assert!(html.contains("&#60;script&#62;alert"));
    }
}

#[test]
fn what_changes_something_carries_the_token_and_asks_for_a_pin_and_a_filter_neither() {
    let one = |form| room(Lang::Zh, vec![Block::Form(form)]);
    for shut in [false, true] {
        let html = one(form(false, shut));
        let main = &html[html.find("<main").unwrap()..];
        assert!(main.contains("method=\"post\"") && main.contains("value=\"t0ken\""));
        assert!(main.contains("name=\"pin\" type=\"password\" required"));
        assert_eq!(main.contains("<details"), shut);
    }
    let html = one(form(false, false).previewing());
    let main = &html[html.find("<main").unwrap()..];
    assert!(main.contains("method=\"post\"") && main.contains("value=\"t0ken\""));
    assert!(!main.contains("password"), "what only looks asks no PIN");
    let html = one(form(true, false));
    let main = &html[html.find("<main").unwrap()..];
    assert!(main.contains("method=\"get\"") && !main.contains("t0ken"));
    assert!(!main.contains("password"));
}

#[test]
fn a_drawing_is_one_plain_svg_element_or_none() {
    assert!(Drawing::new("<svg width=\"1\"><text>a</text></svg>\n", "").is_some());
    for evil in [
        "",
        "<p>x</p>",
        "<svg ><script>x</script></svg>",
        "<svg ><a href=\"/x\">x</a></svg>",
        "<svg ><rect style=\"x\"/></svg>",
        "<svg ><rect\nonload=\"x\"/></svg>",
        "<svg ><foreignObject/></svg>",
        "<svg ></svg><img>",
    ] {
        assert!(Drawing::new(evil, "").is_none(), "{evil}");
    }
}

#[test]
fn rooms_stand_in_few_groups_and_an_officer_sees_few() {
    for lang in Lang::ALL {
        let all = Room {
            frame: frame(lang, true),
            title: String::new(),
            beside: vec![],
            said: None,
            blocks: vec![],
        };
        let html = all.draw().unwrap();
        assert!(html.contains("href=\"/disposal\" aria-current=\"page\""), "{html}");
        assert!(html.contains("href=\"/holds\""), "its neighbours");
        assert!(!html.contains("href=\"/registers\""), "those of other groups are a step away");
        let own = Room { frame: frame(lang, false), ..all };
        let html = own.draw().unwrap();
        for room in ["/disposal", "/holds", "/checks", "/registers", "/copies", "/evidence"] {
            assert!(!html.contains(&format!("href=\"{room}\"")), "{room}");
        }
        assert!(html.contains("href=\"/cases\""));
    }
}

#[test]
fn what_goes_on_is_looked_at_again_and_a_gap_is_drawn_and_said() {
    let html = room(Lang::En, vec![Block::Running("since 9 s".into())]);
    assert!(html.contains("data-again=\"3\"") && html.contains("since 9 s"));
    let line = Timeline::new("2026-11-21".into(), vec![lane()], String::new());
    let html = room(Lang::En, vec![Block::Timeline(line)]);
    assert_eq!(html.matches("class=\"gap\"").count(), 1);
    assert_eq!(html.matches("class=\"span marked\"").count(), 2);
    assert!(html.contains("00:01:30–00:06:40 5 min"), "{html}");
}
