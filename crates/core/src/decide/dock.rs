//! What happened at a bay: listing, custody, things set aside, the end of a session.

use super::{Decided, Scene, no, ok, yes};
use crate::command::ToStore;
use crate::desk::ReturnTimes;
use crate::event::{
    AsideDecided, AsideDecision, ChunkFacts, ClipDescribed, ClipSeen, ClipSetAside, ClipStored,
    DeadlineMissed, DockRefused, Due, Event, ListingSigned, RecorderTold, SessionClosed, Verdict,
};
use crate::id::{AsideId, BayId, ClipId, PersonId, RecorderId, SessionId};
use crate::listing::{LineKind, Listing};
use crate::policy::{Deadline, Policy};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::schema as s;
use crate::session::Told;
use crate::table::{Query, Row};
use crate::time::{ClockOffset, WallMs};
use crate::why;
use sealdock_chain::chunk::CHUNK_BYTES;
use sealdock_chain::digest::Digest;

pub fn refuse(scene: &Scene, bay: BayId, what: String, reason: String) -> Decided {
    ok!(scene.system_only());
    yes(vec![Event::DockRefused(DockRefused { bay, what, reason })])
}

/// Sessions that the last run left open are closed as interrupted; the next dock goes on.
pub fn recover(scene: &Scene) -> Decided {
    ok!(scene.system_only());
    let open = scene.registers.select(&Query::all(&s::SESSION).with("state", "open"))?;
    yes(open
        .iter()
        .map(|row| {
            Event::SessionClosed(SessionClosed {
                session: SessionId(registry::seq(row)),
                verdict: Verdict::Interrupted,
                summary: "中断 the station stopped during this session; nothing is lost, dock the recorder again".into(),
                stored: 0,
                seen: 0,
                aside: 0,
                wiped: 0,
            })
        })
        .collect())
}

/// The row of an open session.
pub(super) fn open_session(scene: &Scene, id: SessionId) -> PortResult<Result<Row, Refusal>> {
    Ok(match registry::by_seq(scene.registers, &s::SESSION, id.0)? {
        Some(row) if row.text("state") == "open" => Ok(row),
        Some(_) => Err(Refusal(why!(
            "S10",
            "采集 {id:#} 已结束；请把记录仪拔下再插一次。",
            "session {id} is closed; dock the recorder again"
        ))),
        None => Err(Refusal(why!("S11", "没有采集 {id:#}。", "there is no session {id}"))),
    })
}

/// What the recorder said when it was unlocked; never after its listing.
pub fn told(scene: &Scene, session: SessionId, told: Told) -> Decided {
    ok!(scene.system_only());
    let row = ok!(open_session(scene, session)?);
    if row.text_opt("listing").is_some() {
        return no(why!(
            "S12",
            "采集 {session:#} 的清单已签署，此后不再接受记录仪的自报信息。",
            "session {session} has its listing already; nothing is told after it"
        ));
    }
    let Told { device, officer, battery_percent, firmware, source } = told;
    yes(vec![Event::RecorderTold(RecorderTold {
        session,
        device,
        officer,
        battery_percent,
        firmware,
        source,
    })])
}

pub fn sign_listing(
    scene: &Scene,
    session: SessionId,
    object: Digest,
    listing: &Listing,
    conflict: Option<String>,
) -> Decided {
    ok!(scene.system_only());
    let row = ok!(open_session(scene, session)?);
    if row.text_opt("listing").is_some() {
        return no(why!(
            "S13",
            "采集 {session:#} 的清单已签署，清单不能替换。",
            "session {session} has its listing already; a listing is never replaced"
        ));
    }
    let files = listing.lines.iter().filter(|l| l.kind == LineKind::File).count();
    yes(vec![Event::ListingSigned(ListingSigned {
        session,
        object,
        lines: u32::try_from(listing.lines.len()).expect("the walk is bounded"),
        files: u32::try_from(files).expect("the walk is bounded"),
        bytes: listing.bytes_total(),
        clock: listing.clock.clone(),
        conflict,
    })])
}

pub fn store(scene: &Scene, session: SessionId, clips: Vec<ToStore>) -> Decided {
    ok!(scene.system_only());
    let row = ok!(open_session(scene, session)?);
    if row.text_opt("listing").is_none() {
        return no(why!(
            "S14",
            "采集 {session:#} 没有签署的清单，此前不保存任何文件。",
            "session {session} has no signed listing; nothing is stored before it"
        ));
    }
    let policy = registry::policy(scene.registers)?;
    let epoch = evidence_epoch(scene)?;
    let returns = ReturnTimes::of(scene.registers, &policy, row.text_opt("recorder"))?;
    let station = Known { policy: &policy, epoch, returns: &returns };
    let mut events = Vec::new();
    for clip in clips {
        if crate::keep::left_since(scene.registers, &clip.copy.sha256(), session.0)? {
            return no(why!(
                "S15",
                "读取期间，采集站中 {:#} 的副本已被处置；没有入库，也没有擦除：请拔下再插一次。",
                "the station's copy of {} was disposed of while this recorder was read; nothing was taken into custody and nothing is wiped: dock again",
                clip.line.name
            ));
        }
        events.extend(settled_asides(scene, session, &row, &clip)?);
        let seq = scene.context.seq + events.len() as u64;
        match clip.known {
            Some(known) => {
                let Some(kept) = registry::by_seq(scene.registers, &s::CLIP, known.0)? else {
                    return no(why!(
                        "S16",
                        "没有可再次见到的视频 {known:#}。",
                        "there is no clip {known} to see again"
                    ));
                };
                if kept.text("sha256") != clip.copy.sha256().to_string() {
                    return no(why!(
                        "S17",
                        "视频 {known:#} 的内容不同，不是同一段。",
                        "clip {known} holds other bytes; it is not the same clip"
                    ));
                }
                if let Some(why) = crate::keep::state_of(scene.registers, known)? {
                    return no(why!("S18", "{why:#}；请拔下再插一次。", "{why}; dock again"));
                }
                events.push(Event::ClipSeen(ClipSeen {
                    session,
                    line: clip.line.line,
                    clip: known,
                    size: clip.copy.size(),
                    sha256: clip.copy.sha256(),
                }));
            }
            None => events.extend(stored(scene, &station, &row, (seq, clip))?),
        }
    }
    yes(events)
}

/// What stood aside in an earlier session and is in custody now.
fn settled_asides(
    scene: &Scene,
    session: SessionId,
    row: &Row,
    clip: &ToStore,
) -> PortResult<Vec<Event>> {
    let open = Query::all(&s::ASIDE)
        .with("recorder_claim", row.text("recorder_claim"))
        .with("raw", clip.line.raw.as_str())
        .with("state", "open");
    let rows = scene.registers.select(&open)?;
    // A recorder uses its names again: another file of that name settles nothing.
    let is_it = |r: &&Row| {
        let changing = ["growing", "truncated"].contains(&r.text("reason"));
        let same =
            r.int("size") == clip.line.size as i64 && r.int_opt("mtime_ms") == clip.line.mtime_ms;
        r.int("session") != session.0 as i64 && (changing || same)
    };
    let earlier = rows.iter().filter(is_it);
    Ok(earlier
        .map(|row| {
            Event::AsideDecided(AsideDecided {
                aside: AsideId(registry::seq(row)),
                decision: AsideDecision::Stored,
                reason: format!("read whole and stored in session {session}"),
            })
        })
        .collect())
}

fn evidence_epoch(scene: &Scene) -> PortResult<u32> {
    let query = Query::all(&s::KEY_EPOCH).with("kind", "evidence").newest_first().limit(1);
    let rows = scene.registers.select(&query)?;
    let row = rows.first().ok_or_else(|| registry::damaged("no evidence key in the chain"))?;
    u32::try_from(row.int("epoch")).map_err(|_| registry::damaged("evidence key epoch"))
}

/// What all clips of a batch are stored under.
struct Known<'a> {
    policy: &'a Policy,
    epoch: u32,
    returns: &'a ReturnTimes,
}

/// The custody entry of one clip and, after it, an entry per deadline it missed.
fn stored(
    scene: &Scene,
    station: &Known,
    session: &Row,
    (seq, clip): (u64, ToStore),
) -> PortResult<Vec<Event>> {
    let Known { policy, epoch, returns } = *station;
    let now = scene.context.at.wall;
    let opened = WallMs::parse(session.text("opened"))
        .ok_or_else(|| registry::damaged("session row: opened"))?;
    let recorded = believable(policy, &clip, now);
    let returned = returns.returned(recorded, opened);
    let due = due_times(policy, recorded, returned, now);
    let missed = due.iter().filter(|d| d.at < now).map(|d| {
        Event::DeadlineMissed(DeadlineMissed {
            clip: ClipId(seq),
            clock: d.clock,
            due: d.at,
            stored: now,
            alarm: d.clock == policy.alarm,
        })
    });
    let missed: Vec<Event> = missed.collect();
    // A conflict of identities or an unconfirmed docking leaves the clip unassigned.
    let sure = session.text_opt("conflict").is_none() && session.text("binding") != "unassigned";
    let owner = |column: &str| session.text_opt(column).filter(|_| sure);
    let damaged = |e: crate::id::BadId| registry::damaged(&e.to_string());
    let recorder: Option<RecorderId> =
        owner("recorder").map(str::parse).transpose().map_err(damaged)?;
    let officer: Option<PersonId> =
        owner("officer").map(str::parse).transpose().map_err(damaged)?;
    let mut events = vec![Event::ClipStored(Box::new(ClipStored {
        session: SessionId(registry::seq(session)),
        line: clip.line.line,
        recorder_claim: session.text("recorder_claim").parse().map_err(damaged)?,
        raw: clip.line.raw,
        name: clip.line.name,
        size: clip.copy.size(),
        sha256: clip.copy.sha256(),
        chunk: ChunkFacts { size: CHUNK_BYTES as u32, root: clip.copy.chunk_root() },
        sm3: clip.copy.sm3(),
        mtime_ms: clip.line.mtime_ms,
        named_time: clip.line.class.named_time,
        recorded,
        due,
        recorder,
        officer,
        media: clip.line.class.media,
        marked: clip.line.class.marked,
        copies: clip.copies,
        read_back: clip.read_back,
        binding: session.text("binding").to_owned(),
        sshsig: clip.sshsig,
        evidence_epoch: epoch,
    }))];
    events.extend(missed);
    Ok(events)
}

/// When the recording ended, in station time: the recorder's file time, corrected by the measured
/// offset where there is one, and believed only within the policy's bounds.
fn believable(policy: &Policy, clip: &ToStore, now: WallMs) -> Option<WallMs> {
    let raw = clip.line.mtime_ms?;
    let corrected = match clip.clock {
        ClockOffset::Measured { offset_ms, .. } => raw.checked_sub(offset_ms)?,
        ClockOffset::Unknown { .. } => raw,
    };
    let plausible =
        corrected >= policy.not_before.0 && corrected <= now.0.saturating_add(policy.future_ms_max);
    plausible.then_some(WallMs(corrected))
}

/// The three clocks (S7, S8). On a station clock that is itself not believable none is computed.
fn due_times(policy: &Policy, recorded: Option<WallMs>, returned: WallMs, now: WallMs) -> Vec<Due> {
    if now < policy.not_before {
        return Vec::new();
    }
    let mut due = Vec::new();
    if let Some(recorded) = recorded {
        if policy.end_of_day {
            due.push(Due { clock: Deadline::EndOfDay, at: policy.zone.end_of_day(recorded) });
        }
        let at = recorded.plus_ms(policy.after_recording_ms);
        due.push(Due { clock: Deadline::AfterRecording, at });
    }
    due.push(Due { clock: Deadline::AfterReturn, at: returned.plus_ms(policy.after_return_ms) });
    due
}

pub fn set_aside(scene: &Scene, asides: Vec<ClipSetAside>) -> Decided {
    ok!(scene.system_only());
    for aside in &asides {
        ok!(open_session(scene, aside.session)?);
    }
    yes(asides.into_iter().map(Event::ClipSetAside).collect())
}

pub fn describe(scene: &Scene, facts: Vec<ClipDescribed>) -> Decided {
    ok!(scene.system_only());
    yes(facts.into_iter().map(Event::ClipDescribed).collect())
}

pub fn close(scene: &Scene, closed: SessionClosed) -> Decided {
    ok!(scene.system_only());
    ok!(open_session(scene, closed.session)?);
    yes(vec![Event::SessionClosed(closed)])
}
