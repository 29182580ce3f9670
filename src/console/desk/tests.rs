//! Alarms, in the words of the page.

use crate::console::hostile::{Bench, in_runtime};
use sealdock_chain::WitnessKey;
use sealdock_console::Lang;
use sealdock_core::event::KeyKind;

/// What a witness said against this station, as it is kept.
const SAID: &str =
    r#"{"code":409,"size":999,"witness":"court","head":5,"why":"","at":"2026-11-30T04:00:00Z"}"#;

/// The alarms of a page, without markup around them.
fn alarms(page: &str) -> String {
    let (_, rest) = page.split_once("<ul class=\"alarms\">").expect("there are alarms");
    rest.split_once("</ul>").unwrap().0.to_owned()
}

#[test]
fn what_a_witness_said_against_the_station_stands_on_the_overview_in_the_language_of_the_page() {
    in_runtime(async {
        let bench = Bench::new();
        let key = bench.open.station.world().signer.public(KeyKind::Evidence);
        let key = WitnessKey::new("court.example/w1".to_owned(), key).unwrap();
        let folder = bench.open.home.dir.join("anchors/said");
        std::fs::create_dir_all(&folder).unwrap();
        let policy = format!("witness court {key}\nquorum court\n");
        std::fs::write(folder.with_file_name("witness-policy"), policy).unwrap();
        std::fs::write(folder.join("x.json"), SAID).unwrap();
        let (held, _) = bench.session("a1");
        let chinese = alarms(&bench.page((&held, Lang::Zh), "/desk").await);
        assert!(
            chinese.contains("999 条曾获见证") && !chinese.contains("dock nothing"),
            "{chinese}"
        );
        let english = alarms(&bench.page((&held, Lang::En), "/desk").await);
        assert!(english.contains("999 entries of this record are cosigned"), "{english}");
        assert!(!english.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{english}");
        // So does the evidence room.
        let evidence = bench.page((&held, Lang::En), "/evidence").await;
        assert!(evidence.contains("999 entries of this record are cosigned"), "{evidence}");
    });
}
