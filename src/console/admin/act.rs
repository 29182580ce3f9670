//! One form of administration: which request it is. The core decides whether whoever signs it may.

use super::drafts::Draft;
use super::people::WHOLE;
use crate::console::Room;
use crate::console::desk::number;
use crate::console::signed::{Oneself, Reader, local};
use crate::console::spoken::came_to;
use crate::exit::{CliError, Exit};
use crate::request::{
    AssetFields, DeskChange, ImportAsk, Login, NewDuty, Order, Particulars, Request,
};
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::Lang;
use sealdock_console::words::{self as w, admin as a, first as f};
use sealdock_core::actor::Role;
use sealdock_core::command::{Command, Secret};
use sealdock_core::decide::decide;
use sealdock_core::duty;
use sealdock_core::id::PersonId;
use sealdock_core::policy::Policy;
use sealdock_core::policy::sign_in::Desk;
use sealdock_core::ports::Context;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Act {
    token: String,
    act: String,
    back: String,
    draft: String,
    id: String,
    name: String,
    role: String,
    department: String,
    certificate: String,
    phone: String,
    joined: String,
    reason: String,
    new_pin: String,
    again: String,
    duty: String,
    since: String,
    until: String,
    acting_for: String,
    device_id: String,
    model: String,
    asset_number: String,
    acquired: String,
    clerk: String,
    cabinet: String,
    officer: String,
    path: String,
    aboard: String,
    passkey: String,
    label: String,
    pin: String,
}

fn some(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn command(name: &str, mut command: Value) -> Request {
    command["command"] = json!(name);
    Request::Apply { command }
}

/// Whoever demands a passkey of others shows first that one works here: an address at which none can be made would shut
/// everybody with a duty out of the desk.
fn not_shut_out(room: &Room, me: &PersonId, text: &str) -> Result<(), CliError> {
    let demands = Policy::parse(text).is_ok_and(|policy| policy.sign_in.desk == Desk::Passkey);
    let view = room.open.station.world().ledger.view()?;
    if demands && duty::passkeys(&*view, me)?.is_empty() {
        return Err(CliError::both(
            Exit::Refused,
            "您自己还没有通行密钥：请先在“我的账户”里添加一个，再要求有职务的人员都用",
            "you have no passkey yourself: add one under 'my account' before you demand one of whoever holds a duty",
        ));
    }
    Ok(())
}

impl Act {
    fn adopted(&self, room: &Room, me: &PersonId) -> Result<Request, CliError> {
        match room.drafts.take(me, &self.draft) {
            Some(Draft::Policy(text)) => {
                not_shut_out(room, me, &text)?;
                Ok(command("adopt-policy", json!({ "text": text })))
            }
            _ => Err(gone()),
        }
    }

    /// The request that the command line would have sent.
    fn request(&self, room: &Room, me: &PersonId) -> Result<Request, CliError> {
        let desk = |command_: Value| Ok(command("desk", command_));
        let duty = |command_: Value| Ok(command("duty", command_));
        let (id, reason) = (self.id.trim(), self.reason.trim());
        let place = |place: &str, aboard: bool, in_order: bool| {
            desk(json!({ "act": "move", "recorder": id, "place": place, "reason": reason,
                "footage_aboard": aboard, "in_order": in_order }))
        };
        let aboard = !self.aboard.is_empty();
        match self.act.as_str() {
            "enrol-person" => Ok(command(
                "enrol-person",
                json!({ "id": id, "name": self.name.trim(), "role": self.role,
                    "pin": self.chosen_pin()?, "department": some(&self.department) }),
            )),
            "describe-person" => self.described_person(),
            "appoint" => self.appointed(),
            "end-duty" => duty(json!({ "act": "end-duty", "duty": self.duty, "reason": reason })),
            act @ ("retire-person" | "release-person") => {
                duty(json!({ "act": act, "person": id, "reason": reason }))
            }
            "set-pin" => duty(json!({ "act": "set-pin", "person": id, "pin": self.needed_pin()?,
                "reason": some(&self.reason) })),
            // Nobody's but one's own, whatever the form says.
            "own-pin" => duty(json!({ "act": "set-pin", "person": me, "pin": self.needed_pin()?,
                "reason": null })),
            "name-passkey" | "remove-passkey" => self.on_passkey(),
            "add-department" => {
                duty(json!({ "act": "add-department", "id": id, "name": self.name.trim() }))
            }
            "rename-department" => duty(json!({ "act": "rename-department", "id": id,
                "name": self.name.trim(), "reason": reason })),
            "enrol-recorder" => Ok(command(
                "enrol-recorder",
                json!({ "id": id, "device_id": some(&self.device_id), "model": some(&self.model) }),
            )),
            "describe-recorder" => self.described_recorder(),
            "correct-recorder" => self.corrected_recorder(),
            "designate" => desk(json!({ "act": "designate", "recorder": id,
                "officer": self.officer.trim(), "reason": reason })),
            "end-designation" => desk(json!({ "act": "end-designation", "recorder": id,
                "officer": self.officer.trim(), "reason": reason })),
            "report-fault" => {
                desk(json!({ "act": "report-fault", "recorder": id, "text": reason }))
            }
            "in-order" => place("cabinet", false, true),
            "store" => place("cabinet", false, false),
            "repair" => place("repair", aboard, false),
            "lost" => place("lost", false, false),
            "retire-recorder" => place("retired", aboard, false),
            "add-bay" => self.bay(room, me),
            "add-bay-at-port" => self.bay_at_port(room),
            "adopt-policy" => self.adopted(room, me),
            "import" => match room.drafts.take(me, &self.draft) {
                Some(Draft::Sheet(subject, form, table)) => {
                    Ok(Request::Import(ImportAsk { subject, dry_run: false, form, table }))
                }
                _ => Err(gone()),
            },
            _ => Err(CliError::both(
                Exit::Usage,
                "没有这样的表单，请重新打开本页",
                "there is no such form; load the page again",
            )),
        }
    }

    /// One of them, by the entry that added it.
    fn on_passkey(&self) -> Result<Request, CliError> {
        let passkey: u64 =
            self.passkey.trim().parse().map_err(|_| {
                CliError::both(Exit::Usage, "请选择一个通行密钥", "choose a passkey")
            })?;
        let mut deed = json!({ "act": self.act, "passkey": passkey });
        match self.act.as_str() {
            "name-passkey" => deed["label"] = json!(self.label.trim()),
            _ => deed["reason"] = json!(some(&self.reason)),
        }
        Ok(command("duty", deed))
    }

    fn chosen_pin(&self) -> Result<Option<Secret>, CliError> {
        if self.new_pin != self.again {
            return Err(CliError::both(Exit::Refused, f::PINS_DIFFER.0, f::PINS_DIFFER.1));
        }
        Ok((!self.new_pin.is_empty()).then(|| Secret(self.new_pin.clone())))
    }

    fn needed_pin(&self) -> Result<Secret, CliError> {
        self.chosen_pin()?
            .ok_or_else(|| CliError::both(Exit::Usage, "请输入新口令", "type the new PIN"))
    }

    fn described_person(&self) -> Result<Request, CliError> {
        let said = |text: &str| Some(text.trim().to_owned());
        let fields = Particulars {
            name: said(&self.name),
            department: said(&self.department),
            certificate: said(&self.certificate),
            phone: said(&self.phone),
            joined: said(&self.joined),
        };
        let (person, reason) = (self.id.parse()?, some(&self.reason));
        Ok(Request::DeskChange(DeskChange::DescribePerson { person, fields, reason }))
    }

    fn appointed(&self) -> Result<Request, CliError> {
        let role = Role::parse(&self.role).ok_or_else(|| {
            CliError::both(Exit::Usage, "请选择职务", format!("{:?} is no duty", self.role))
        })?;
        let department = match self.department.trim() {
            "" => {
                let english = "choose the department, or the whole unit";
                return Err(CliError::both(Exit::Usage, "请选择部门或全单位", english));
            }
            WHOLE => None,
            id => Some(id.parse()?),
        };
        Ok(Request::DeskChange(DeskChange::Appoint(NewDuty {
            person: self.id.parse()?,
            role,
            department,
            since: some(&self.since),
            until: some(&self.until),
            acting_for: some(&self.acting_for).map(|id| id.parse()).transpose()?,
            reason: self.reason.trim().to_owned(),
        })))
    }

    fn assets(&self) -> AssetFields {
        let said = |text: &str| Some(text.trim().to_owned());
        AssetFields {
            asset_number: said(&self.asset_number),
            acquired: said(&self.acquired),
            department: said(&self.department),
            clerk: said(&self.clerk),
            cabinet: said(&self.cabinet),
        }
    }

    fn described_recorder(&self) -> Result<Request, CliError> {
        let (recorder, fields) = (self.id.parse()?, self.assets());
        let reason = some(&self.reason);
        Ok(Request::DeskChange(DeskChange::DescribeRecorder { recorder, fields, reason }))
    }

    fn corrected_recorder(&self) -> Result<Request, CliError> {
        Ok(Request::DeskChange(DeskChange::CorrectRecorder {
            recorder: self.id.parse()?,
            device_id: Some(self.device_id.trim().to_owned()),
            model: Some(self.model.trim().to_owned()),
            fields: AssetFields::default(),
            reason: self.reason.trim().to_owned(),
        }))
    }

    /// As `bay add`: an existing directory, by its whole name. Whether there is one is looked at for nobody but who has shown
    /// their PIN and may add bays, since the answer tells which paths exist.
    fn bay(&self, room: &Room, me: &PersonId) -> Result<Request, CliError> {
        let path = std::path::Path::new(self.path.trim());
        if !path.is_absolute() {
            return Err(CliError::both(
                Exit::Usage,
                "请写完整路径",
                "name the whole path, like /srv/bays/1",
            ));
        }
        let id = self.id.trim();
        room.counted_as((me, &self.pin), |actor| {
            let (kind, path) = ("folder".to_owned(), self.path.trim().to_owned());
            let command = Command::AddBay { id: id.parse()?, kind, path };
            let at = room.open.station.world().clock.now();
            let view = room.open.station.world().ledger.view()?;
            let seq = view.head()?.checkpoint().size;
            let decided = decide(&actor, command, &*view, &Context { seq, at })?;
            decided.map(drop).map_err(|why| CliError::of_rule(Exit::Refused, &why.0))
        })?;
        let path =
            std::fs::canonicalize(path).map_err(|e| crate::exit::file_error("find", path, &e))?;
        Ok(bay_of(id, &path))
    }

    /// A port that `docks.toml` names, by its bay: as `bay add` with the directory in which its volumes appear, which no
    /// browser says.
    fn bay_at_port(&self, room: &Room) -> Result<Request, CliError> {
        let id = self.id.trim();
        let docks = room.open.usb.docks()?;
        if !docks.ports().iter().any(|port| port.bay.as_str() == id) {
            return Err(CliError::both(Exit::Usage, a::CHOOSE_PORT.0, a::CHOOSE_PORT.1));
        }
        let path = room.open.usb.bays().join(id);
        let gone = |_| CliError::both(Exit::Missing, a::NO_DIRECTORY_YET.0, a::NO_DIRECTORY_YET.1);
        Ok(bay_of(id, &std::fs::canonicalize(&path).map_err(gone)?))
    }
}

/// The directory in which the volumes of a dock port appear is the station's to say.
fn bay_of(id: &str, path: &std::path::Path) -> Request {
    command("add-bay", json!({ "id": id, "kind": "folder", "path": path }))
}

fn gone() -> CliError {
    CliError::both(Exit::Missing, a::DRAFT_GONE.0, a::DRAFT_GONE.1)
}

/// Does it as whoever is signed in, with their PIN once more.
pub async fn act(Oneself { reader, bare }: Oneself, Form(this): Form<Act>) -> Response {
    let Some((person, _)) = reader.me.clone().filter(|_| reader.wrote(&this.token)) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    if this.act == "end-sessions" {
        return signed_out_everywhere(reader, person, this.pin).await;
    }
    let (back, own_pin) = (local(&this.back).to_owned(), this.act == "own-pin");
    // Whoever finds no page of administration sends no form of it either; the core would refuse them, having looked.
    // Whoever came by a PIN alone, where that is not enough, has no passkey; others' are not theirs to remove yet.
    let of_ones_own =
        own_pin || !bare && ["name-passkey", "remove-passkey"].contains(&this.act.as_str());
    if !of_ones_own && !reader.me.as_ref().is_some_and(|(_, me)| me.reads_all) {
        return reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404");
    }
    let turn = reader.room.pins.clone().acquire_owned().await;
    let lang = reader.lang;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let request = this.request(room, &person)?;
        let login = Some(Login { person, pin: Secret(this.pin) });
        let answer = room.ask(Order { login, request })?;
        if answer.exit != Exit::Done {
            return Err(CliError::both(
                answer.exit,
                "表格有需要改正之处，没有导入；请改正后重新上传",
                "the sheet has complaints, nothing was imported; upload it again",
            ));
        }
        said(room, lang, &answer.json)
    });
    match done.await {
        // The session ended with the old PIN.
        Ok(_) if own_pin => {
            let text = reader.lang.t(a::SIGN_AGAIN).to_owned();
            reader.off_to("/sign-in", (true, text))
        }
        Ok(said) => reader.off_to(&back, (true, said)),
        Err(e) => reader.off_with(&back, &e),
    }
}

/// One's own sessions, wherever they were left: whoever shows the PIN ends them all, this one too.
async fn signed_out_everywhere(reader: Reader, person: PersonId, pin: String) -> Response {
    let turn = reader.room.pins.clone().acquire_owned().await;
    let proven = reader.room.aside(move |room| {
        let _turn = turn;
        room.prove(&person, &pin)?;
        room.signed.end_of_person(&person);
        room.at_kiosk.end_of_person(&person);
        Ok(())
    });
    match proven.await {
        Ok(()) => reader.off_to("/sign-in", (true, reader.lang.t(a::SESSIONS_ENDED).to_owned())),
        Err(e) => reader.off_with("/pin", &e),
    }
}

/// What came of it.
fn said(room: &Room, lang: Lang, json: &Value) -> Result<String, CliError> {
    let entries = &json["entries"];
    if entries["count"].is_null() {
        return came_to(room, lang, entries);
    }
    let (first, count) = (number(entries, "first"), number(entries, "count"));
    let last = (first + count).saturating_sub(1);
    Ok(match lang {
        Lang::Zh => format!("已导入表格。记录第 {first} 至 {last} 条，共 {count} 条"),
        Lang::En => format!("the sheet is imported. Entries {first} to {last}, {count} in all"),
    })
}
