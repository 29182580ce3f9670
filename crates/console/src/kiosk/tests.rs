use super::*;

fn one() -> Waiting {
    Waiting {
        bay: "b2".into(),
        name: "J1 &x".into(),
        recorder: "J1".into(),
        officer: Some("p1".into()),
    }
}

fn choose(lang: Lang, waiting: Vec<Waiting>) -> String {
    Choose { lang, unit: "示范单位".into(), waiting }.draw().unwrap()
}

fn confirm(person: &str, said: Option<&str>) -> String {
    Confirm { person: person.into(), said: said.map(str::to_owned), ..whose() }.draw().unwrap()
}

fn whose() -> Confirm {
    Confirm {
        lang: Lang::Zh,
        unit: "u".into(),
        one: one(),
        person: String::new(),
        carried: None,
        issued: None,
        doubt: None,
        gone: None,
        said: None,
    }
}

#[test]
fn whose_it_is_is_said_before_the_pin_and_who_is_asked_again_may_say_it_is_not_theirs() {
    let known =
        Confirm { carried: Some("张伟 3".into()), issued: Some("王芳 2".into()), ..whose() };
    let html = known.draw().unwrap();
    let at = |what: &str| html.find(what).unwrap_or_else(|| panic!("{what}: {html}"));
    assert!(at("张伟 3") < at("name=\"pin\"") && at("王芳 2") < at("name=\"pin\""));
    assert!(!html.contains("name=\"sure\""));
    let asked = Confirm { doubt: Some("仍由您确认？".into()), person: "2".into(), ..whose() };
    let html = asked.draw().unwrap();
    for part in ["仍由您确认？", "name=\"sure\" value=\"1\"", d::NOT_MINE.0, "href=\"/kiosk/dock\""]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("name=\"pin\" type=\"password\" value"), "no PIN is kept");
}

#[test]
fn a_recorder_that_has_gone_is_asked_for_no_pin() {
    let html = Confirm { gone: Some("J1 已不在号位".into()), ..whose() }.draw().unwrap();
    assert!(html.contains("J1 已不在号位") && !html.contains("name=\"pin\""), "{html}");
    assert_eq!(html.matches("data-again").count(), 1);
}

#[test]
fn a_recorder_is_a_button_that_names_its_bay_and_nothing_secret() {
    let html = choose(Lang::Zh, vec![one()]);
    assert!(html.contains("/kiosk/confirm?bay=b2&#38;recorder=J1%20%26x"), "{html}");
    assert!(choose(Lang::En, Vec::new()).contains(w::NONE_WAITS.1));
}

#[test]
fn whose_it_seems_to_be_is_proposed_and_a_failed_try_keeps_the_person_and_no_pin() {
    assert!(confirm("p1", None).contains("value=\"p1\""));
    let again = confirm("p9", Some("<b>wrong</b>"));
    assert!(again.contains("value=\"p9\"") && again.contains("&#60;b&#62;wrong"));
    let pin = again.split("name=\"pin\"").nth(1).unwrap();
    assert!(!pin.split('>').next().unwrap().contains("value"));
}

fn take(barred: Option<&str>) -> String {
    let known = |good| Some((good, "S12".to_owned()));
    let tick = |name, word, known| Tick { name, word, number: "50 %".into(), known };
    let ticks = vec![
        tick("works", k::T_WORKS, None),
        tick("battery", k::T_BATTERY, known(true)),
        tick("clock", k::T_CLOCK, known(false)),
    ];
    let clerks = ["c1", "c2"].map(|id| Hand { person: id.into(), name: format!("<{id}>") });
    Take {
        lang: Lang::Zh,
        unit: "u".into(),
        token: "t0".into(),
        id: "U5".into(),
        recorder: "R1".into(),
        facts: vec![(w::PURPOSE, "<script>alert(1)</script>".into())],
        ticks,
        barred: barred.map(str::to_owned),
        clerks: clerks.to_vec(),
        said: None,
    }
    .draw()
    .unwrap()
}

#[test]
fn only_what_the_station_knows_to_be_in_order_is_ticked_before_somebody_looked() {
    let html = take(None);
    let ticked = |name: &str| {
        let field = html.split(&format!("name=\"{name}\"")).nth(1).unwrap();
        field.split('>').next().unwrap().contains("checked")
    };
    assert!(ticked("battery") && !ticked("works") && !ticked("clock"));
    assert!(!html.contains("<script>alert") && html.contains("&#60;c1&#62;"));
    assert_eq!(html.matches("value=\"c1\" checked").count(), 1, "somebody is proposed");
}

#[test]
fn what_cannot_be_taken_has_no_button_to_take_it() {
    let html = take(Some("S7 &"));
    assert!(
        html.contains("S7 &#38;") && !html.contains("name=\"pin\"") && !html.contains("submit")
    );
}

#[test]
fn every_screen_that_knows_somebody_forgets_them_and_leads_to_the_start() {
    let (lang, unit) = (Lang::En, "u".to_owned());
    let who = Who { lang, unit: unit.clone(), to: "take", said: None }.draw().unwrap();
    let done = Done { lang, unit: unit.clone(), good: false, text: "<i>".into() }.draw().unwrap();
    let mine = Mine { lang, unit, receipts: true, lines: vec![], newer: None, older: None };
    for html in [who, done, mine.draw().unwrap(), take(None)] {
        assert!(html.contains("data-idle=") && html.contains("href=\"/kiosk\""), "{html}");
    }
}

#[test]
fn a_reason_comes_after_the_pin_and_enter_chooses_none() {
    let reasons = ["路远", "堵车"].map(|why| Reason { value: why.into(), shown: why.into() });
    let page = Why {
        lang: Lang::Zh,
        unit: "u".into(),
        title: k::WHY_TOUCH,
        action: "/kiosk/explain",
        token: "t0".into(),
        hidden: Vec::new(),
        about: "S12".into(),
        reasons: reasons.to_vec(),
        other: true,
        signers: Vec::new(),
        pin_word: w::YOUR_PIN,
        said: None,
    };
    let html = page.draw().unwrap();
    let at = |text: &str| html.find(text).unwrap();
    assert!(at("name=\"pin\"") < at("value=\"路远\""));
    // Enter presses the first button that sends; a shut one is not pressed, and no other in its place.
    let first = html.split("type=\"submit\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(first.contains("disabled") && first.contains("hidden"), "{first}");
}
