use super::*;
use crate::{Lang, Me};

fn frame() -> Frame {
    let (person, name, token) = ("u1".into(), "<甲>".into(), "tok".into());
    let me = Me { person, name, token, reads_all: true, waiting: 0 };
    Frame { lang: Lang::Zh, here: "/people".into(), unit: "u".into(), me: Some(me) }
}

fn desk(acts: Vec<Act>, rows: Vec<Row>) -> String {
    let table = Table { title: None, heads: vec![a::NUMBER], rows, empty: a::NO_PEOPLE };
    let said = vec![(true, "<i>".into()), (false, "</p>".into())];
    let section = Section {
        title: a::PORTS,
        below: 0,
        said,
        typed: vec![(a::TYPE_THEN, "bay = \"<x>\"".into())],
    };
    let page = Desk {
        frame: frame(),
        said: None,
        title: "<b>".into(),
        here: "/people".into(),
        up: ("/admin", a::ADMIN),
        facts: Vec::new(),
        find: Some("\"x".into()),
        tables: vec![table],
        acts,
        sections: vec![section],
    };
    page.draw().unwrap()
}

#[test]
fn everything_that_changes_asks_the_pin_and_carries_the_token() {
    let act =
        || Act::new("retire-person", a::RETIRE_PERSON, vec![Field::text("reason", w::REASON)]);
    let html = desk(vec![act().about("id", "p\"1").saying("3".into())], Vec::new());
    let form = html.split("action=\"/admin/act\"").nth(1).unwrap();
    assert!(form.contains("name=\"pin\"") && form.contains("value=\"tok\""));
    assert!(form.contains("value=\"p&#34;1\"") && html.contains("&#60;b&#62;"));
    let folded = html.split("<details").nth(1).unwrap();
    assert!(!folded.split('>').next().unwrap().contains("open"), "not in one click");
}

#[test]
fn whoever_changes_their_pin_types_the_old_one_first_and_once() {
    let new = || vec![Field::text("new_pin", a::NEW_PIN_OWN).of(Kind::Pin)];
    let html = desk(vec![Act::new("own-pin", a::MY_PIN, new())], Vec::new());
    assert!(html.find("name=\"pin\"").unwrap() < html.find("name=\"new_pin\"").unwrap());
    assert_eq!(html.matches("name=\"pin\"").count(), 1);
    let html = desk(vec![Act::new("set-pin", a::GIVE_PIN, new()).under(a::G_PIN)], Vec::new());
    assert!(html.find("name=\"pin\"").unwrap() > html.find("name=\"new_pin\"").unwrap());
    assert!(html.contains(&format!("<h2>{}</h2>", a::G_PIN.0)));
}

#[test]
fn what_stands_in_a_register_is_inert() {
    let row = Row { href: Some("/people/p1".into()), cells: vec!["=1+1<script>".into()] };
    let html = desk(Vec::new(), vec![row]);
    assert!(html.contains("=1+1&#60;script&#62;") && !html.contains("<script>="));
    assert!(
        html.contains("&#60;i&#62;")
            && html.contains("<pre tabindex=\"0\">bay = &#34;&#60;x&#62;&#34;</pre>")
    );
}

#[test]
fn a_sheet_with_complaints_has_no_button_to_import_it() {
    let import = |complaints: Vec<[String; 4]>| {
        let wrong = (complaints.len(), complaints.len());
        let sheet = Sheet { draft: "d1".into(), complaints, wrong, ..Sheet::default() };
        let (frame, headings) = (frame(), String::new());
        let (title, subject) = (a::IMPORT_PEOPLE, "people");
        let page = Import { frame, said: None, title, subject, headings, sheet: Some(sheet) };
        page.draw().unwrap()
    };
    let bad = import(vec![["2".into(), "姓名".into(), "<i>".into(), "?".into()]]);
    assert!(bad.contains("&#60;i&#62;") && !bad.contains("value=\"d1\""));
    assert!(import(Vec::new()).contains("value=\"d1\""));
}
