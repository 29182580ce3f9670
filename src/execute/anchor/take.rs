//! What came back, on a stick or over a network: told apart by what stands in it, checked, and kept.

use super::{CHAIN, facts, row, said, shelf, witness};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::BroughtBack;
use crate::wire::Open;
use sealdock_chain::digest::Digest;
use sealdock_core::naming;
use sealdock_stamp::{Request, Roots, Stamp, StampError};
use sealdock_store::anchors::{Anchored, Anchors, Asked};
use serde_json::{Value, json};

/// What is taken stays taken, also where a later one of them is refused.
pub fn take(open: &Open, answers: &[BroughtBack]) -> Result<Answer, CliError> {
    let own = Digest::of(open.station.origin().as_bytes()).to_string();
    let mut taking = Taking::new(open)?;
    for brought in answers {
        if brought.record.as_ref().is_none_or(|record| *record == own) {
            taking.take(brought)?;
        }
    }
    Ok(taking.answer())
}

/// What was taken so far.
struct Taking<'a> {
    open: &'a Open,
    shelf: Anchors,
    roots: Option<Roots>,
    stamps: (Vec<Vec<String>>, Vec<Value>),
    cosigned: (Vec<Vec<String>>, Vec<Value>),
    said: (Vec<String>, Vec<Value>),
    alarm: bool,
}

impl<'a> Taking<'a> {
    fn new(open: &'a Open) -> Result<Taking<'a>, CliError> {
        let shelf = shelf(open);
        let roots = roots(&shelf)?;
        let (stamps, cosigned, said) = Default::default();
        Ok(Taking { open, shelf, roots, stamps, cosigned, said, alarm: false })
    }

    fn take(&mut self, brought: &BroughtBack) -> Result<(), CliError> {
        match witness::Brought::of(brought) {
            witness::Brought::Lines(lines) => self.lines(brought, lines),
            witness::Brought::Size(size) => self.said(brought, (409, Some(size), String::new())),
            witness::Brought::Refused { code, why } => self.said(brought, (code, None, why)),
            witness::Brought::Stamp => self.stamp(brought),
        }
    }

    fn stamp(&mut self, brought: &BroughtBack) -> Result<(), CliError> {
        let stamp = Stamp::read(&brought.bytes).map_err(|e| refused(brought, &e.to_string()))?;
        let all = self.shelf.all()?;
        let (anchored, asked) = found(&all, &stamp).map_err(|why| refused(brought, why))?;
        if let Some(roots) = &self.roots {
            leads(&stamp, roots).map_err(|why| refused(brought, &why))?;
        }
        let changed = match &asked.answer {
            Some(there) if *there == brought.bytes => false,
            Some(_) => {
                let why = "that request has its answer already; ask for another";
                return Err(refused(brought, why));
            }
            None => true,
        };
        self.shelf.keep_answer(anchored.size, asked.number, &brought.bytes)?;
        let mut row = row(self.open, anchored.size, asked.number, &stamp)?;
        row.push(how(changed));
        self.stamps.0.push(row);
        let mut facts = facts(anchored.size, asked.number, &stamp);
        facts["changed"] = json!(changed);
        self.stamps.1.push(facts);
        Ok(())
    }

    fn lines(&mut self, brought: &BroughtBack, lines: &str) -> Result<(), CliError> {
        let policy = witness::policy(&self.shelf)?.ok_or_else(|| {
            refused(brought, "this station has no witnesses: put a policy there with `sealdock anchor witnesses FILE`")
        })?;
        let taken = witness::take_lines(self.open, &policy, lines);
        let taken = taken.map_err(|why| why.map_or_else(|e| e, |why| refused(brought, &why)))?;
        for one in taken {
            let at = witness::moment(self.open, one.at)?;
            let label = naming::inert(&one.label);
            self.cosigned.0.push(vec![one.size.to_string(), label, at, how(one.changed)]);
            self.cosigned.1.push(json!({
                "size": one.size, "witness": one.label, "at": witness::utc(one.at), "changed": one.changed,
            }));
        }
        Ok(())
    }

    fn said(
        &mut self,
        brought: &BroughtBack,
        (code, size, why): (u16, Option<u64>, String),
    ) -> Result<(), CliError> {
        let head = self.open.station.world().ledger.view()?.head()?.checkpoint().size;
        let (witness, at) = (brought.witness.clone(), said::now(self.open));
        let said = said::Said { code, size, witness, head, why, at };
        let alarm = said.alarms();
        let name = naming::inert(&brought.name);
        let line = match (said.size, alarm) {
            (Some(size), true) => format!("报警 alarm: {name}: {}", said::shrunk(size, head)),
            (Some(size), false) => {
                format!(
                    "{name}: a witness has cosigned {size} entries; the next request begins there"
                )
            }
            (None, true) => format!(
                "报警 alarm: {name}: refused, {code} {}: what was cosigned before is another history than this one",
                said.why
            ),
            (None, false) => format!("{name}: refused, {code} {}", said.why),
        };
        // What a wrong address or a key that is not known there says is no fact about this record.
        if alarm || said.size.is_some() {
            said::keep(&self.shelf, &said)?;
        }
        self.alarm |= alarm;
        self.said.0.push(line);
        self.said
            .1
            .push(json!({ "code": code, "size": said.size, "why": said.why, "alarm": alarm }));
        Ok(())
    }

    fn answer(self) -> Answer {
        let Taking { roots, stamps, cosigned, said, alarm, .. } = self;
        let json = json!({
            "taken": stamps.1, "checked": roots.is_some(), "cosigned": cosigned.1, "said": said.1,
        });
        let unchecked = roots.is_none() && !stamps.0.is_empty();
        let mut answer = Answer::new(json);
        if !stamps.0.is_empty() || (cosigned.0.is_empty() && said.0.is_empty()) {
            let head = ["entries", "request", "not after", "says", ""];
            answer = answer.table(&head, stamps.0, "no answer");
        }
        if !cosigned.0.is_empty() {
            answer = answer.table(&["entries", "witness", "cosigned", ""], cosigned.0, "");
        }
        answer = said.0.into_iter().fold(answer, Answer::line);
        if unchecked {
            answer = answer.line(format!(
                "whose certificate that is was not checked: put the authority's root into {CHAIN} of the station"
            ));
        }
        if alarm { answer.ending(Exit::Findings) } else { answer }
    }
}

fn how(changed: bool) -> String {
    if changed { "收下 taken" } else { "已有 already so" }.to_owned()
}

fn refused(brought: &BroughtBack, why: &str) -> CliError {
    let name = naming::inert(&brought.name);
    let text = format!("{name} is refused: {}; nothing of it was kept", naming::inert(why));
    CliError::new(Exit::Refused, text)
}

fn leads(stamp: &Stamp, roots: &Roots) -> Result<(), String> {
    stamp.leads_to(roots, &[]).map_err(|error| match error {
        StampError::OtherRoot => {
            format!(
                "its certificate does not lead to a root in {CHAIN}; it is of another authority"
            )
        }
        other => other.to_string(),
    })
}

fn roots(shelf: &Anchors) -> Result<Option<Roots>, CliError> {
    let Some(pem) = shelf.chain()? else { return Ok(None) };
    let roots = Roots::from_pem(&pem).map_err(|e| {
        CliError::new(Exit::Refused, format!("{CHAIN} of the station is not usable: {e}"))
    })?;
    Ok(Some(roots))
}

/// The request that a stamp answers: by what was stamped, then by the number that was drawn for it.
fn found<'a>(
    all: &'a [Anchored],
    stamp: &Stamp,
) -> Result<(&'a Anchored, &'a Asked), &'static str> {
    let anchored = all.iter().find(|anchored| Digest::of(&anchored.head).0 == *stamp.imprint());
    let anchored = anchored
        .ok_or("it is a time-stamp over something else: this station never asked for that")?;
    let ours = |asked: &&Asked| {
        Request::read(&asked.request).is_some_and(|request| Some(request.nonce()) == stamp.nonce())
    };
    let asked = anchored.asked.iter().find(ours);
    Ok((anchored, asked.ok_or("it answers a request that this station did not make")?))
}
