//! What a full check came to, as the page tells it.

use crate::console::hostile::{Bench, PIN, in_runtime};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_console::{Lang, show};

/// Sends the form and reads the page that it leads to.
async fn checked(bench: &Bench, (held, token): &(String, String)) -> String {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = Body::from(format!("token={token}&how=deep&pin={PIN}"));
    let (status, to, _) = bench.send((Method::POST, "/evidence/check"), held, &form, body).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    bench.page((held, Lang::Zh), &to).await
}

/// The first notice of this kind on a page, without markup.
fn notice(page: &str, kind: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<p class=\"said {kind}\""))?;
    let (notice, _) = rest.split_once("</p>")?;
    Some(notice.split_once('>')?.1.to_owned())
}

fn newest(bench: &Bench) -> (i64, u64) {
    let view = bench.open.station.world().ledger.view().unwrap();
    let row = sealdock_core::keep::newest_checks(&*view, 1).unwrap().remove(0);
    (row.int("findings"), sealdock_core::registry::seq(&row))
}

/// `核对完成于 2026-11-30 12:00:05: …`
fn says_when(notice: &str, lang: Lang) -> bool {
    let Some((_, rest)) = notice.split_once(lang.t(r::CHECK_ENDED)) else { return false };
    let Some((at, _)) = rest.split_once(": ") else { return false };
    let digits = at.chars().filter(char::is_ascii_digit).count();
    digits >= 12 && at.trim().starts_with("20")
}

#[test]
fn a_full_check_that_found_something_is_never_told_as_good_and_says_what_it_found_and_when() {
    in_runtime(async {
        let bench = Bench::new();
        let session = bench.session("c1");
        let page = checked(&bench, &session).await;
        let good = notice(&page, "good").expect("nothing was found");
        assert!(good.contains(r::NOTHING_FOUND.0) && says_when(&good, Lang::Zh), "{good}");
        assert_eq!(newest(&bench).0, 0);

        // A cosignature whose head is gone: what lies beside the record cannot be read.
        let folder = bench.open.home.dir.join("anchors/7");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("checkpoint.cosigned"), "x").unwrap();
        let page = checked(&bench, &session).await;
        assert_eq!(notice(&page, "good"), None, "{page}");
        let (findings, seq) = newest(&bench);
        assert!(findings > 0);
        // It stays for whoever comes to the page, in their language.
        let tells = |page: &str, lang: Lang| {
            let notice = notice(page, "warn").expect("something was found");
            let has = |word: Word| notice.contains(lang.t(word));
            assert!(has(r::CHECK_FOUND) && has(r::IN_ANCHORS), "{notice}");
            assert!(notice.contains(&format!("{findings}: ")), "{notice}");
            assert!(notice.contains(&format!("{} {seq}", lang.t(w::ENTRY))), "{notice}");
            assert!(says_when(&notice, lang), "{notice}");
            notice
        };
        tells(&page, Lang::Zh);
        let (other, _) = bench.session("a1");
        let english = tells(&bench.page((&other, Lang::En), "/evidence").await, Lang::En);
        assert!(english.contains("has lost its checkpoint.signed"), "{english}");
        let overview = bench.page((&other, Lang::Zh), "/desk").await;
        let alarm = format!("<li>{} {}</li>", r::CHECK_FOUND.0, show::grouped(findings as u64));
        assert!(overview.contains(&alarm), "{overview}");
    });
}
