//! A sheet of people or recorders: planned for whoever asked, then decided and written in one.

use super::entries;
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::ImportAsk;
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::decide::decide;
use sealdock_core::import::{self, Change, Complaint, Plan, Subject};
use sealdock_core::ports::{Appended, Context};
use serde_json::json;
use std::sync::Arc;

/// Says everything that is wrong, or what would happen, or does it.
pub fn import(open: &Open, actor: &Arc<Actor>, ask: ImportAsk) -> Result<Answer, CliError> {
    let at = open.station.world().clock.now();
    let view = open.station.world().ledger.view()?;
    let plan = import::plan(&*view, at.wall, ask.subject, &ask.table)?;
    if !plan.complaints.is_empty() {
        return Ok(refused(&ask, &plan.complaints));
    }
    let answer = of_plan(&ask, &plan);
    let seq = view.head()?.checkpoint().size;
    let command = command(&ask);
    if ask.dry_run {
        let decided = decide(actor, command, &*view, &Context { seq, at })?;
        decided.map_err(|why| CliError::of_rule(Exit::Refused, &why.0))?;
        return Ok(answer.line("试运行，没有改动 dry run, nothing was changed"));
    }
    drop(view);
    if plan.changes.is_empty() {
        return Ok(answer);
    }
    let appended = open.station.apply(actor, command)?;
    open.back_up_if_short()?;
    Ok(written(answer, &appended))
}

/// What the sheet comes to, for whoever looks before they sign; who may is asked then.
///
/// # Errors
/// The registers cannot be read.
pub fn planned(open: &Open, ask: &ImportAsk) -> Result<Answer, CliError> {
    let at = open.station.world().clock.now();
    let view = open.station.world().ledger.view()?;
    let plan = import::plan(&*view, at.wall, ask.subject, &ask.table)?;
    Ok(match plan.complaints.is_empty() {
        true => of_plan(ask, &plan),
        false => refused(ask, &plan.complaints),
    })
}

fn command(ask: &ImportAsk) -> Command {
    let table = ask.table.clone();
    Command::Import(match ask.subject {
        Subject::People => import::Command::People { table },
        Subject::Recorders => import::Command::Recorders { table },
    })
}

fn refused(ask: &ImportAsk, complaints: &[Complaint]) -> Answer {
    let rows = complaints.iter().map(|complaint| {
        let Complaint { line, column, value, what } = complaint;
        vec![line.to_string(), column.clone(), value.clone(), what.clone()]
    });
    let json = json!({ "complaints": complaints, "form": ask.form, "dry_run": ask.dry_run });
    let said = format!(
        "有 {0} 处需要改正，没有导入任何一行 {0} complaints, nothing was imported ({1})",
        complaints.len(),
        ask.form
    );
    let head = ["行 line", "列 column", "填写 value", "怎么办 what to do"];
    Answer::new(json).table(&head, rows.collect(), "").line(said).ending(Exit::Refused)
}

/// The ids of a kind of change, in the order of the sheet.
fn ids(plan: &Plan, enrols: bool) -> Vec<&str> {
    let id = |(_, change): &'_ (u32, Change)| match change {
        Change::EnrolPerson { .. } | Change::EnrolRecorder { .. } => enrols,
        _ => !enrols,
    };
    plan.changes.iter().filter(|change| id(change)).map(|(_, change)| change.id()).collect()
}

fn of_plan(ask: &ImportAsk, plan: &Plan) -> Answer {
    let (enrolled, described) = (ids(plan, true), ids(plan, false));
    let json = json!({
        "dry_run": ask.dry_run, "form": ask.form, "enrolled": enrolled, "described": described,
        "same": plan.same,
    });
    let mut answer = Answer::new(json).line(format!("文件 file: {}", ask.form));
    if ask.dry_run {
        let row = |(line, change): &(u32, Change)| {
            let said: Vec<String> =
                change.clone().events(0).iter().map(entries::sentence).collect();
            vec![line.to_string(), said.join("; ")]
        };
        let rows = plan.changes.iter().map(row).collect();
        answer =
            answer.table(&["行 line", "将写入 would be written"], rows, "没有新内容 nothing new");
    }
    answer = answer.line(format!(
        "新登记 to enrol {}，补充资料 to describe {}，已在册 there already {}",
        enrolled.len(),
        described.len(),
        plan.same.len()
    ));
    if ask.subject == Subject::People && !enrolled.is_empty() {
        answer = answer.line(format!(
            "新登记的 {0} 人没有口令，本人到场用 `sealdock person pin ID` 设定后才能办理 the {0} new people have no PIN and can confirm nothing until one is typed with them present: `sealdock person pin ID`",
            enrolled.len()
        ));
    }
    answer
}

fn written(mut answer: Answer, appended: &Appended) -> Answer {
    let size = appended.head.checkpoint().size;
    let count = appended.entries.len() as u64;
    answer.json["entries"] = json!({ "first": size - count, "count": count });
    answer.json["size"] = json!(size);
    answer.line(format!("已导入 imported: entries {} to {}", size - count, size - 1))
}
