//! A plan without complaints becomes entries, each asked about by the rule of rights that a hand is asked by.

use super::plan::{Complaint, Plan, Subject, plan};
use super::{Command, Table};
use crate::actor::ActorRecord;
use crate::decide::{Decided, Scene, no, ok, yes};
use crate::ports::{PortResult, Refusal, Registers};
use crate::time::WallMs;
use crate::why;
use crate::why::{Both, Why};

/// Why `actor` may import no sheet at all, whatever is in it; `None` where it depends on its rows. Asked before anybody's sheet
/// is read.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
) -> PortResult<Option<Why>> {
    crate::duty::may_administer(registers, at, actor, Both("导入表格", "importing a sheet"))
}

/// Complaints that a refusal repeats; whoever asks for all plans first.
const REPEATED: usize = 20;

pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    ok!(scene.operator_or_person());
    let (subject, table): (Subject, Table) = match command {
        Command::People { table } => (Subject::People, table),
        Command::Recorders { table } => (Subject::Recorders, table),
    };
    let at = &scene.context.at;
    let Plan { changes, complaints, .. } = plan(scene.registers, at.wall, subject, &table)?;
    if !complaints.is_empty() {
        return no(refusal(&complaints));
    }
    let actor = scene.actor.record();
    let mut events = Vec::new();
    for (line, change) in changes {
        let seq = scene.context.seq + events.len() as u64;
        for event in change.events(seq) {
            let why = crate::objection::objection(scene.registers, at, &actor, &event)?;
            let of_line = |why: Why| {
                Err(Refusal(why!(
                    "I01",
                    "第 {line} 行：{why:#}",
                    "第 {line} 行 line {line}: {why}"
                )))
            };
            ok!(why.map_or(Ok(()), of_line));
            events.push(event);
        }
    }
    yes(events)
}

fn refusal(complaints: &[Complaint]) -> Why {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(complaints.iter().take(REPEATED).map(|complaint| {
        let Complaint { line, column, value, what } = complaint;
        format!("第 {line} 行 line {line}, {column} {value:?}: {what}")
    }));
    if complaints.len() > REPEATED {
        lines.push(format!("… and {} more", complaints.len() - REPEATED));
    }
    let (count, lines) = (complaints.len(), lines.join("\n"));
    why!(
        "I02",
        "表格有 {count} 处需要改正，没有导入任何内容；请改正后重新上传。{lines:.0}",
        "nothing was imported: {count} complaints\n{lines}"
    )
}
