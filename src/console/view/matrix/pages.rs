//! What the pages about viewings say: which approvals stand where, and why one ended, in the words of the page.

use super::*;
use crate::console::view::GRANTED;
use sealdock_console::words as w;

impl Bench {
    pub async fn page(&self, (held, lang): (&str, Lang), path: &str) -> String {
        let language = format!("{}={}", crate::console::signed::LANGUAGE, lang.code());
        let headers = [("cookie", language.as_str())];
        let sent = Sent { method: Method::GET, path, headers: &headers, held, body: "" };
        let (status, body, _) = self.send(&sent).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        String::from_utf8(body).unwrap()
    }
}

/// What stands between these two.
fn between<'a>(page: &'a str, from: &str, to: &str) -> Option<&'a str> {
    Some(page.split_once(from)?.1.split_once(to)?.0)
}

#[test]
fn of_many_approvals_a_page_holds_the_newest_says_so_and_leads_to_every_older_one() {
    const OVER: usize = 3;
    in_runtime(async {
        let bench = Bench::new(1);
        let clip = bench.clips[0];
        let [applicant, approver] =
            ["k1", "p1"].map(|id| bench.open.station.authenticate(&person(id), PIN).unwrap());
        let apply = |actor, command| {
            let command = Command::Access(command);
            bench.open.station.apply(actor, command).unwrap().entries[0].seq
        };
        let granted = |_| {
            let asking = Asking {
                who: Who::Colleague,
                purpose: Purpose::View,
                applicant: None,
                wanted: Footage::Clips { clips: vec![clip] },
                matter: "(2026) 12".into(),
                reason: "hearing".into(),
                letter: None,
            };
            let access = AccessId(apply(&applicant, Do::Request(Box::new(asking))));
            let (clips, expires, times, reason) = (None, None, Some(1), None);
            apply(&approver, Do::Approve { access, clips, expires, times, reason });
            access
        };
        let all: Vec<AccessId> = (0..GRANTED as usize + OVER).map(granted).collect();
        let (older, newer) = all.split_at(OVER);
        let held = bench.session("k1");
        let named = |page: &str| {
            let on = |access: &&AccessId| page.contains(&format!("<h3>{access} "));
            all.iter().filter(on).copied().collect::<Vec<_>>()
        };
        for lang in Lang::ALL {
            let page = bench.page((&held, lang), "/view").await;
            assert_eq!(named(&page), newer);
            assert!(page.contains(lang.t(w::view::MORE_OF_THEM)), "{page}");
            let to = between(&page, "id=\"older\" href=\"", "\"").expect("a way on").to_owned();
            let page = bench.page((&held, lang), &to).await;
            assert_eq!(named(&page), older);
            assert!(!page.contains("id=\"older\"") && page.contains(lang.t(w::view::NEWEST)));
        }
    });
}

#[test]
fn why_a_viewing_ended_is_said_in_the_language_of_the_page_and_recorded_in_english() {
    in_runtime(async {
        let bench = Bench::new(1);
        let clip = bench.clips[0];
        let access = bench.asked(clip);
        bench.approve(access, None, 5);
        let held = bench.session("k1");
        let entry = bench.opens("k1", &held, clip).await.unwrap();
        bench.act("p1", Do::Revoke { access, reason: "x".into() });
        look_at_all(&bench.room);
        let path = format!("/view/{clip}/{entry}");
        let over = async |lang| {
            let page = bench.page((&held, lang), &path).await;
            between(&page, "data-over=\"", "\"").expect("it ended").to_owned()
        };
        let (chinese, english) = (over(Lang::Zh).await, over(Lang::En).await);
        assert!(chinese.contains("查阅到此结束") && !chinese.contains("ends"), "{chinese}");
        assert!(english.contains("it ends here: "), "{english}");
        let has_chinese =
            |text: &str| text.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!has_chinese(&english), "{english}");
        let ended = entries(&bench.open).into_iter().map(|(_, event)| event);
        let ended: Vec<Value> = ended.filter(|event| event["type"] == "viewing.ended").collect();
        let why = ended[0]["why"].as_str().unwrap();
        assert!(why.starts_with("it ends here: ") && !has_chinese(why), "{why}");
    });
}
