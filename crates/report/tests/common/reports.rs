//! One small sheet of each report, on figures made here.

use sealdock_core::Digest;
use sealdock_core::access::{Act, FormRow};
use sealdock_core::id::{CheckId, ClipId, UseId};
use sealdock_core::report::{
    CheckLine, Finding, Hours, LateLine, Lateness, Named, Ratio, Ratios, RecorderUse, Unanswered,
    Unreturned, Week,
};
use sealdock_core::time::{WallMs, Zone};
use sealdock_report::reports::{self, ReportHead};
use sealdock_report::{Field, Foot, Sheet};

/// 2026-11-27, 09:30 in China.
const DRAWN: WallMs = WallMs(1_795_743_000_000);
const HOUR: i64 = 3_600_000;

fn head() -> ReportHead {
    let zone = Zone::parse("+08:00").expect("a zone");
    ReportHead {
        unit: "某某市民政局".into(),
        filters: vec![Field::new("期间 period", "2026-11-01 至 2026-11-30")],
        foot: Foot::under("sealdock.example/xx-mzj/1", (812, Digest::of(b"test")), DRAWN, zone),
    }
}

fn named(id: &str, name: &str) -> Option<Named> {
    Some(Named { id: id.to_owned(), name: name.to_owned() })
}

fn first() -> Option<Named> {
    named("d1", "执法一科")
}

/// A name that a spreadsheet would compute, and one with a character beyond the BMP.
fn second() -> Option<Named> {
    named("d2", "=1+1")
}

fn rare() -> Named {
    Named { id: "o2".to_owned(), name: "𠮷田".to_owned() }
}

/// Every report by the name of its golden files.
pub fn sheets() -> Vec<(&'static str, Sheet)> {
    let all = [
        ("lateness", lateness()),
        ("ratio", ratio()),
        ("use", recorder_use()),
        ("unreturned", unreturned()),
        ("checks", checks()),
        ("findings", findings()),
        ("hours", hours()),
        ("interruptions", interruptions()),
        ("without-matter", without_matter()),
        ("sights", sights()),
    ];
    all.map(|(name, sheet)| (name, sheet.expect("rows fit"))).into()
}

type Drawn = Result<Sheet, sealdock_report::table::TableError>;

fn lateness() -> Drawn {
    let line = LateLine { department: first(), uses: 12, ..LateLine::default() };
    let zhang = LateLine {
        officer: named("o1", "张三"),
        late_returns: 2,
        late_clips: 1,
        repeated: 1,
        ..line.clone()
    };
    let rare = LateLine {
        officer: Some(rare()),
        department: second(),
        uses: 3,
        breaches: 1,
        late_clips: 1,
        ..line.clone()
    };
    let by_department = vec![
        LateLine { late_returns: 2, late_clips: 1, repeated: 1, ..line },
        LateLine { officer: None, ..rare.clone() },
    ];
    reports::lateness(&head(), &Lateness { by_officer: vec![zhang, rare], by_department })
}

fn ratio() -> Drawn {
    let of =
        |department, officers, recorders, needed| Ratio { department, officers, recorders, needed };
    let by_department = vec![of(first(), 7, 2, 2), of(second(), 4, 0, 1)];
    reports::ratios(&head(), &Ratios { unit: of(None, 11, 2, 3), by_department })
}

fn recorder_use() -> Drawn {
    let used = RecorderUse {
        recorder: "R1".into(),
        department: first(),
        state: "cabinet".into(),
        uses: 9,
        breaches: 1,
        out_ms: 41 * HOUR + 61_000,
        clips: 30,
        length_ms: 5 * HOUR,
    };
    let idle =
        RecorderUse { recorder: "R2".into(), state: String::new(), ..RecorderUse::default() };
    reports::recorder_use(&head(), &[used, idle], |state| format!("在柜 {state}"))
}

fn unreturned() -> Drawn {
    let out = Unreturned {
        of: UseId(40),
        recorder: "R1".into(),
        officer: rare(),
        department: first(),
        issued: DRAWN.plus_ms(-30 * HOUR),
        due: DRAWN.plus_ms(-20 * HOUR),
        by_hand: None,
        overdue: Some(true),
        out_ms: 30 * HOUR,
    };
    let back = Unreturned {
        of: UseId(41),
        by_hand: Some(DRAWN.plus_ms(-HOUR)),
        due: DRAWN.plus_ms(23 * HOUR),
        overdue: Some(false),
        ..out.clone()
    };
    let unknown = Unreturned { of: UseId(42), overdue: None, ..out.clone() };
    reports::unreturned(&head(), &[out, back, unknown])
}

fn checks() -> Drawn {
    let by = Named { id: "a1".into(), name: "审计".into() };
    let closed = CheckLine {
        id: CheckId(60),
        kind: "spot".into(),
        announced: DRAWN.plus_ms(-200 * HOUR),
        by,
        state: "closed".into(),
        overdue_days: None,
        drawn: 5,
        answered: 5,
        viewed: 4,
        findings: 2,
        corrected: 2,
        appraisal: "发现两个问题，已整改".into(),
    };
    let open = CheckLine {
        id: CheckId(90),
        kind: "playback".into(),
        state: "drawn".into(),
        drawn: 3,
        answered: 2,
        viewed: 2,
        findings: 1,
        corrected: 0,
        appraisal: String::new(),
        ..closed.clone()
    };
    let overdue = CheckLine {
        id: CheckId(95),
        state: "announced".into(),
        overdue_days: Some(8),
        drawn: 0,
        answered: 0,
        viewed: 0,
        findings: 0,
        ..open.clone()
    };
    reports::checks(&head(), &[closed, open, overdue])
}

fn findings() -> Drawn {
    let by = Named { id: "a1".into(), name: "审计".into() };
    let open = Finding {
        check: CheckId(60),
        clip: ClipId(52),
        officer: Some(rare()),
        department: first(),
        finding: "未告知即关机".into(),
        by: by.clone(),
        viewed: true,
        correction: None,
    };
    let done = Finding {
        clip: ClipId(53),
        department: second(),
        correction: Some(("已重新培训".into(), by)),
        ..open.clone()
    };
    reports::findings(&head(), &[open.clone(), done, open])
}

fn hours() -> Drawn {
    let line = Hours {
        department: "d1".into(),
        officer: "o1".into(),
        month: "2026-11".into(),
        clips: 8,
        length_ms: 3 * HOUR,
        unknown: 1,
        marked_by_device: 1,
        marked_by_person: 2,
        marked: 2,
    };
    let nobody = Hours { month: "2026-11".into(), clips: 1, unknown: 1, ..Hours::default() };
    let week =
        |monday: &str, minutes: i64| Week { monday: monday.into(), length_ms: minutes * 60_000 };
    let weeks = [week("2026-11-02", 30), week("2026-11-09", 0), week("2026-11-16", 150)];
    let department = |id: &str| Named { id: id.to_owned(), name: "执法一科".to_owned() };
    reports::hours(&head(), (&[nobody, line], &weeks), department)
}

fn interruptions() -> Drawn {
    let words = |row: [&str; 10]| row.map(str::to_owned).into();
    let open = ["I60", "M9", "E10", "间断 gap", "待说明 open", "30 s", "-", "-", "-", "-"];
    let said = ["I61", "M9", "E10", "缺号", "认可", "1", "battery", "电池\n耗尽", "o1", "h1"];
    let by = [
        Unanswered { department: first(), found: 2, unanswered: 1 },
        Unanswered { department: None, found: 1, unanswered: 0 },
    ];
    let rows = vec![words(open), words(said)];
    reports::interruptions(&head(), ("中断报告 interruptions: 2", rows), &by)
}

fn without_matter() -> Drawn {
    let row = FormRow {
        seq: 700,
        act: Act::Viewing,
        at: DRAWN,
        name: "<b>张三</b>".into(),
        unit: "执法一科".into(),
        phone: "0734-110".into(),
        approver: "本人资料 own footage".into(),
        clerk: String::new(),
        brief: "2026-11-20 09:00:00 张三 视频 C52".into(),
        reason: "=SUM(A1)".into(),
        matter: None,
        completed: None,
    };
    reports::viewed_without_matter(&head(), &[row], 4)
}

fn sights() -> Drawn {
    reports::sights(&head(), "无人查阅、复制 nobody viewed or copied C52", Vec::new())
}
