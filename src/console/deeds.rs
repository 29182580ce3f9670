//! What an entry says, in one Chinese sentence that begins with what was done: for the page that answers a form, which puts
//! 已 before it, and for the life of a clip. People by name, times of the unit's zone. English: the life of a clip likewise, and else the sentence of the record.

/// Custody: docking, clips, wiping.
mod custody;
/// What becomes of a clip, in English.
mod english;
/// Cases; keeping and going.
mod keeping;
/// People, duties, recorders and their use.
mod office;

use sealdock_console::{Lang, words as w};
use sealdock_core::access::{self, Ground, Viewer, Wanted};
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, PersonId};
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::time::{WallMs, Zone};

/// Clips that a sentence names one by one.
const NAMED_MOST: usize = 4;

/// Whoever tells: knows names and the zone.
pub struct Teller<'a> {
    pub registers: &'a dyn Registers,
    pub zone: Zone,
    pub lang: Lang,
}

impl Teller<'_> {
    /// What this entry says.
    pub fn says(&self, event: &Event) -> String {
        match self.lang {
            Lang::En => self.english(event),
            Lang::Zh => self.chinese(event),
        }
    }

    /// What a form came to, with its entries.
    pub fn came_to(&self, entries: &[(u64, Event)]) -> String {
        let said: Vec<String> =
            entries.iter().map(|(seq, event)| self.begun(*seq, event)).collect();
        let mut said = said;
        said.dedup();
        let seqs: Vec<String> = entries.iter().map(|(seq, _)| seq.to_string()).collect();
        match self.lang {
            Lang::Zh => {
                let said = match self.handed_out(entries) {
                    Some(said) => said,
                    None => format!("已{}", said.join("；")),
                };
                format!("{said}。记录第 {} 条", seqs.join("、"))
            }
            Lang::En => {
                format!("{}. {} {}", said.join("; "), w::ENTRY.1, seqs.join(", "))
            }
        }
    }

    /// A check that found nothing, and the issue that it was for: one deed to whoever did it.
    fn handed_out(&self, entries: &[(u64, Event)]) -> Option<String> {
        use sealdock_core::desk::Event as Desk;
        let [(_, Event::Desk(Desk::Checked(check))), (_, Event::Desk(Desk::Issued(issued)))] =
            entries
        else {
            return None;
        };
        let fit = check.findings.is_empty() && check.of == Some(issued.of);
        fit.then(|| {
            let name = self.name(&issued.officer);
            format!("使用前检查合格，{} 已交付{name}（{}）", issued.recorder, issued.of)
        })
    }

    /// With the number by which the next form calls what began here.
    fn begun(&self, seq: u64, event: &Event) -> String {
        match crate::execute::entry_handle(seq, event) {
            Some(handle) if self.lang == Lang::Zh => format!("{}（{handle}）", self.says(event)),
            Some(handle) => format!("{} ({handle})", self.says(event)),
            None => self.says(event),
        }
    }

    fn chinese(&self, event: &Event) -> String {
        match event {
            Event::Access(event) => self.access(event),
            Event::Duty(event) => self.duty(event),
            Event::Desk(event) => self.desk(event),
            Event::Keep(event) => self.keep(event),
            Event::Matter(event) => self.matter(event),
            other => self.custody(other),
        }
    }

    /// A person by name; by number where nobody of that number is enrolled.
    pub fn name(&self, id: &PersonId) -> String {
        match registry::person(self.registers, id) {
            Ok(Some(person)) => person.name,
            _ => id.to_string(),
        }
    }

    fn time(&self, at: WallMs) -> String {
        self.zone.civil(at)
    }

    fn clips(&self, clips: &[ClipId]) -> String {
        match clips {
            [one] => format!("视频 {one}"),
            few if few.len() <= NAMED_MOST => {
                let few: Vec<String> = few.iter().map(ClipId::to_string).collect();
                format!("视频 {}", few.join("、"))
            }
            [first, ..] => format!("视频 {first} 等 {} 段", clips.len()),
            [] => "0 段视频".to_owned(),
        }
    }

    /// What a request is about, for a page.
    pub fn about(&self, wanted: &Wanted) -> String {
        match self.lang {
            Lang::Zh => self.wanted(wanted),
            Lang::En => wanted.words(),
        }
    }

    fn wanted(&self, wanted: &Wanted) -> String {
        match wanted {
            Wanted::Clips { clips } => self.clips(clips),
            Wanted::Query { officer, recorder, from, until } => {
                let officer = officer.as_ref().map(|id| self.name(id)).unwrap_or_default();
                let recorder =
                    recorder.as_ref().map(|id| format!("记录仪 {id} ")).unwrap_or_default();
                let (from, until) = (self.time(*from), self.time(*until));
                format!("{officer}{recorder}{from} 至 {until} 的视频")
            }
        }
    }

    fn access(&self, event: &access::Event) -> String {
        use access::Event;
        match event {
            Event::Requested(e) => {
                let (who, purpose) = (e.applicant.name.as_str(), e.purpose);
                let what = self.wanted(&e.wanted);
                format!("登记申请：{who}（{:#}）申请{purpose:#}{what}，事由：{}", e.who, e.reason)
            }
            Event::Approved(e) => {
                let (count, until) = (e.clips.len(), self.time(e.expires));
                let each = if e.purpose == access::Purpose::View { "每段 " } else { "" };
                format!(
                    "批准 {}：{:#} {count} 段，{each}{} 次，至 {until} 有效",
                    e.access, e.purpose, e.times
                )
            }
            Event::Refused(e) => format!("答复不批准 {}，理由：{}", e.access, e.reason),
            Event::Revoked(e) => format!("撤销批准 {}，理由：{}", e.access, e.reason),
            Event::SecrecySet(e) => {
                format!("设定视频 {} 的密级为{:#}，理由：{}", e.clip, e.level, e.reason)
            }
            Event::ViewingOpened(e) => {
                let before = match &e.viewer {
                    Viewer::Person { .. } => String::new(),
                    Viewer::Visitor { name, unit } => format!("，供 {unit} {name} 查看"),
                };
                let ground = match &e.ground {
                    Ground::Own => "本人视频".to_owned(),
                    Ground::Duty { duty } => format!("凭职务 {duty}"),
                    Ground::Approval { access, number } => format!("按 {access} 第 {number} 次"),
                };
                format!("打开查阅视频 {}（{ground}）{before}，事由：{}", e.clip, e.reason)
            }
            Event::ViewingServed(e) => {
                let (from, to) = (playing(e.from_ms), playing(e.to_ms));
                format!("{:#}视频 {} 的 {from} 至 {to}", e.shown, e.clip)
            }
            Event::ViewingEnded(e) => {
                let one =
                    |s: &access::Stretch| format!("{} 至 {}", playing(s.from_ms), playing(s.to_ms));
                let played: Vec<String> = e.played.iter().map(one).collect();
                match played.is_empty() {
                    true => format!("结束查阅视频 {}，没有播放", e.clip),
                    false => format!("结束查阅视频 {}，播放了 {}", e.clip, played.join("、")),
                }
            }
            Event::CopyCarriedOut(e) => {
                let asked = e.asked.as_ref();
                let parts = asked.and_then(access::CopyAsked::words);
                let parts = parts.map(|parts| format!("，截取片段：{parts}")).unwrap_or_default();
                let with = asked.is_some_and(|asked| asked.receipts.is_some());
                let receipts = if with { "，附回执" } else { "" };
                let (access, number, to) = (e.access, e.number, &e.to);
                format!("开始按 {access} 复制（第 {number} 次），去向：{to}{parts}{receipts}")
            }
            Event::CopyCompleted(e) => {
                let (files, parts) = (e.files.len(), e.excerpts.len());
                let parts =
                    if parts > 0 { format!("、截取片段 {parts} 个") } else { String::new() };
                format!("完成第 {} 条开始的复制：整段 {files} 个{parts}", e.copy)
            }
        }
    }
}

/// Playing time as players show it.
fn playing(ms: u64) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
}

/// A reason, where one was given.
fn because(reason: Option<&str>) -> String {
    reason.map(|reason| format!("，理由：{reason}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::ports::PortResult;
    use sealdock_core::table::{Query, Row};
    use serde_json::json;

    struct Nobody;

    impl Registers for Nobody {
        fn select(&self, _: &Query) -> PortResult<Vec<Row>> {
            Ok(Vec::new())
        }
    }

    fn told(lang: Lang, events: &[serde_json::Value]) -> String {
        let zone = Zone { east_minutes: 480 };
        let event = |event: &serde_json::Value| serde_json::from_value(event.clone()).unwrap();
        let entries: Vec<(u64, Event)> = (345..).zip(events.iter().map(event)).collect();
        Teller { registers: &Nobody, zone, lang }.came_to(&entries)
    }

    #[test]
    fn a_form_came_to_a_deed_with_its_terms_and_then_its_entry() {
        let approved = json!({ "type": "access.approved", "access": "V12", "purpose": "view",
            "clips": ["C3", "C4", "C5"], "expires": "2026-11-30T00:00:00.000Z", "times": 2 });
        assert_eq!(
            told(Lang::Zh, std::slice::from_ref(&approved)),
            "已批准 V12：查阅 3 段，每段 2 次，至 2026-11-30 08:00:00 有效。记录第 345 条"
        );
        let english = told(Lang::En, &[approved]);
        assert!(english.starts_with("V12 approved") && english.ends_with("345"), "{english}");
    }

    #[test]
    fn what_begins_is_told_with_the_number_that_the_next_form_asks_for() {
        let hold = json!({ "type": "hold.requested", "clips": ["C3"], "ground": "important",
            "reason": "复议" });
        assert_eq!(
            told(Lang::Zh, &[hold]),
            "已申请长期保存视频 C3，理由：复议（K345）。记录第 345 条"
        );
    }

    #[test]
    fn a_copy_is_told_with_what_was_asked_for_where_its_entry_says_so() {
        let part = json!({ "clip": "C3", "from_ms": 0, "to_ms": 1500 });
        let begun = |asked: serde_json::Value| {
            let mut begun =
                json!({ "type": "copy.carried-out", "access": "V12", "number": 1, "to": "disc" });
            if !asked.is_null() {
                begun["asked"] = asked;
            }
            [Lang::Zh, Lang::En].map(|lang| told(lang, &[begun.clone()]))
        };
        let plain = "已开始按 V12 复制（第 1 次），去向：disc";
        for nothing in [json!(null), json!({})] {
            let [zh, en] = begun(nothing);
            assert_eq!(zh, format!("{plain}。记录第 345 条"));
            assert!(en.starts_with("V12 is being copied to disc. "), "{en}");
        }
        let asked = json!({ "excerpts": [part], "receipts": "0".repeat(64) });
        let [zh, en] = begun(asked);
        let range = "C3 0:00:00.000–0:00:01.500";
        assert_eq!(zh, format!("{plain}，截取片段：{range}，附回执。记录第 345 条"));
        assert!(en.contains(&format!("of {range}, with receipts (SHA-256 000")), "{en}");
    }

    #[test]
    fn a_check_that_found_nothing_and_its_issue_are_one_deed() {
        let check = |found: &[&str]| {
            json!({ "type": "desk.checked", "recorder": "J8", "use": "U5",
            "sheet": { "works": true, "battery_percent": 90, "free_mib": 4000, "clock": "right", "looks_empty": true },
            "findings": found })
        };
        let issued = json!({ "type": "desk.issued", "recorder": "J8", "use": "U5", "officer": "A1",
            "check": 345 });
        assert_eq!(
            told(Lang::Zh, &[check(&[]), issued.clone()]),
            "使用前检查合格，J8 已交付A1（U5）。记录第 345、346 条"
        );
        // What was found is never left out.
        let faulty = told(Lang::Zh, &[check(&["有故障 faulty"]), issued]);
        assert!(faulty.starts_with("已使用前（U5）检查记录仪 J8：有故障"), "{faulty}");
    }

    #[test]
    fn several_entries_are_one_saying() {
        let given = |clip: u64| json!({ "type": "reason.given", "clip": format!("C{clip}"), "clocks": [], "text": "路上堵车" });
        let all = told(Lang::Zh, &[given(3), given(4)]);
        assert_eq!(
            all,
            "已说明视频 C3 逾期的原因：路上堵车；说明视频 C4 逾期的原因：路上堵车。记录第 345、346 条"
        );
    }
}
