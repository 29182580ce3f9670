//! The rules around the wipe gate. The gate itself is [`crate::custody::WipePermit::grant`].

use super::{Decided, Scene, dock, no, ok, reason_text, yes};
use crate::actor::Role;
use crate::custody::WipeIntent;
use crate::event::{Event, WipeCertified, WipeOrdered, WipeRefused, WipeSettled};
use crate::id::{ClipId, SessionId};
use crate::listing::ListedLine;
use crate::policy::WipeMode;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::why;
use crate::why::{Both, spoken};

/// What the rules are asked about one line.
#[derive(Debug)]
pub struct GateQuestion<'a> {
    pub session: SessionId,
    pub line: &'a ListedLine,
    pub clip: ClipId,
    /// `--wipe never` at this dock.
    pub switched_off: bool,
}

/// The answer of the rules, apart from the proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Stays by rule, which is no trouble: profile, policy, order missing.
    pub stays: Option<String>,
    /// Stays because something is wrong.
    pub objections: Vec<String>,
    /// `policy`, or the entry number of the clerk's order.
    pub order: String,
}

/// May this line be wiped, as far as rules go (S7, S17)?
pub fn standing(registers: &dyn Registers, question: &GateQuestion) -> PortResult<Standing> {
    let policy = registry::policy(registers)?;
    let ordered = order_for(registers, question.clip)?;
    let mut standing = Standing { stays: None, objections: Vec::new(), order: "policy".into() };
    standing.objections = objections(registers, question, ordered)?;
    standing.stays = question.line.class.stays.clone();
    if let Some(order) = ordered {
        standing.order = order.to_string();
    }
    if standing.stays.is_some() {
        return Ok(standing);
    }
    standing.stays = match policy.wipe {
        _ if question.switched_off => Some("wiping was switched off at this dock".into()),
        WipeMode::Never => Some("the policy never wipes".into()),
        WipeMode::Auto => None,
        WipeMode::Operator if ordered.is_some() => None,
        WipeMode::Operator => {
            Some("the policy wipes on a clerk's order only (`sealdock session wipe`)".into())
        }
    };
    Ok(standing)
}

/// Reasons that something is wrong. A clerk's signed order answers for a docking that nobody confirmed
/// and for numbers that disagree; nothing but an assignment answers for a clip without owner, and
/// nothing at all for a line that stands aside.
fn objections(
    registers: &dyn Registers,
    question: &GateQuestion,
    ordered: Option<u64>,
) -> PortResult<Vec<String>> {
    let mut objections = Vec::new();
    let session = registry::by_seq(registers, &s::SESSION, question.session.0)?
        .ok_or_else(|| registry::damaged("a session that is under way has no row"))?;
    if let Some(conflict) = session.text_opt("conflict").filter(|_| ordered.is_none()) {
        objections.push(format!(
            "identity conflict: {conflict}; a clerk assigns the clips, then orders the wipe with `sealdock session wipe`"
        ));
    }
    let clip = registry::by_seq(registers, &s::CLIP, question.clip.0)?
        .ok_or_else(|| registry::damaged("a clip in custody has no row"))?;
    objections.extend(crate::keep::state_of(registers, question.clip)?.map(|why| why.to_string()));
    if clip.text_opt("recorder").is_none() || clip.text_opt("officer").is_none() {
        objections.push(format!(
            "clip {} is unassigned; a clerk assigns it with `sealdock clip assign`, then dock again",
            question.clip
        ));
    }
    if session.text("binding") == "unassigned" && ordered.is_none() {
        objections.push(
            "nobody answers for this docking (002/A6-§18); dock again with the officer's PIN, or a clerk orders the wipe with `sealdock session wipe`"
                .into(),
        );
    }
    let aside = Query::all(&s::ASIDE).with("session", question.session.0).with("state", "open");
    let mine = |row: &crate::table::Row| {
        row.int_opt("line").is_none_or(|line| line == i64::from(question.line.line))
    };
    if let Some(row) = registers.select(&aside)?.iter().find(|row| mine(row)) {
        objections.push(format!("it stands aside: {}", row.text("reason")));
    }
    Ok(objections)
}

/// A clerk's order that names a session in which this clip was on the recorder.
fn order_for(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<u64>> {
    for sighting in registers.select(&Query::all(&s::SIGHTING).with("clip", clip.0))? {
        let session = u64::try_from(sighting.int("session")).unwrap_or_default();
        let orders = Query::all(&s::WIPE_ORDER).with("session", session).newest_first().limit(1);
        if let Some(order) = registers.select(&orders)?.first() {
            return Ok(Some(registry::seq(order)));
        }
    }
    Ok(None)
}

pub fn order(scene: &Scene, session: SessionId, reason: String) -> Decided {
    ok!(scene.person_with(&[Role::Clerk], Both("下达擦除指令", "ordering a wipe"))?);
    let reason = ok!(reason_text(&reason));
    let Some(row) = registry::by_seq(scene.registers, &s::SESSION, session.0)? else {
        return no(why!(
            "S76",
            "没有采集记录 {session:#}；请在“采集记录”中核对。",
            "there is no session {session}; see `sealdock session list`"
        ));
    };
    if registry::policy(scene.registers)?.wipe == WipeMode::Never {
        return no(why!(
            "S77",
            "现行策略规定从不擦除；须先施行另一份策略。",
            "the policy in force never wipes; adopt another policy first"
        ));
    }
    let recorder_claim = row
        .text("recorder_claim")
        .parse()
        .map_err(|e: crate::id::BadId| registry::damaged(&e.to_string()))?;
    yes(vec![Event::WipeOrdered(WipeOrdered { session, recorder_claim, reason })])
}

pub fn refuse(scene: &Scene, refusals: Vec<WipeRefused>) -> Decided {
    ok!(scene.system_only());
    yes(refusals.into_iter().map(Event::WipeRefused).collect())
}

/// Intents come only from permits. Here, where nothing can come in between, it is checked once more
/// that the session still runs and that the policy in force, which may have been adopted since the
/// permits were granted, lets them be carried out.
pub fn intend(scene: &Scene, intents: Vec<WipeIntent>) -> Decided {
    ok!(scene.system_only());
    let policy = registry::policy(scene.registers)?;
    for intent in &intents {
        ok!(dock::open_session(scene, SessionId(intent.session()))?);
        if let Some(why) = crate::keep::state_of(scene.registers, ClipId(intent.clip()))? {
            return no(why!("S78", "{why:#}；请拔下再插一次。", "{why}; dock again"));
        }
        if policy.second_reading && intent.is_without_second_reading() {
            return no(why!(
                "S79",
                "期间施行的策略要求二次读取；请拔下再插一次。",
                "a policy was adopted meanwhile that asks for a second reading; dock again"
            ));
        }
        match policy.wipe {
            WipeMode::Auto => {}
            WipeMode::Never => {
                return no(why!(
                    "S80",
                    "期间施行的策略规定从不擦除。",
                    "a policy was adopted meanwhile that never wipes"
                ));
            }
            WipeMode::Operator => {
                if order_for(scene.registers, ClipId(intent.clip()))?.is_none() {
                    return no(why!(
                        "S81",
                        "期间施行的策略规定只按管理员指令擦除。",
                        "a policy was adopted meanwhile that wipes on a clerk's order only"
                    ));
                }
            }
        }
    }
    yes(intents.into_iter().map(WipeIntent::event).collect())
}

pub fn settle(scene: &Scene, settled: Vec<WipeSettled>) -> Decided {
    ok!(scene.system_only());
    for one in &settled {
        let query = Query::all(&s::WIPE).with("session", one.session.0).with("line", one.line);
        match scene.registers.select(&query)?.first().map(|row| row.text("state").to_owned()) {
            Some(state) if state == "intended" || state == "unknown" => {}
            Some(state) => {
                return no(why!(
                    "S82",
                    "该项擦除已有结果：{state:#}。",
                    "that wipe is settled already: {state}",
                    state = spoken(&state)
                ));
            }
            None => {
                return no(why!(
                    "S83",
                    "该行没有擦除意向。",
                    "there was no intent to wipe that line"
                ));
            }
        }
    }
    yes(settled.into_iter().map(Event::WipeSettled).collect())
}

pub fn certify(scene: &Scene, certificate: WipeCertified) -> Decided {
    ok!(scene.system_only());
    ok!(dock::open_session(scene, certificate.session)?);
    yes(vec![Event::WipeCertified(certificate)])
}
