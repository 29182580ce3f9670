//! Rows of recorders against the registers of recorders and assets.

use super::plan::{Change, Departments, Outcome, same_as};
use super::row::Row;
use crate::actor::Role;
use crate::desk::{ASSET, AssetRecord};
use crate::duty;
use crate::event::RecorderEnrolled;
use crate::id::{DepartmentId, PersonId, RecorderId};
use crate::ports::{PortResult, Registers};
use crate::schema as s;
use crate::table::{Query, Row as Stands};
use crate::time::WallMs;
use std::collections::{BTreeMap, HashMap};

/// What the registers and the rows above say. Read once for all rows.
#[derive(Default)]
pub(super) struct Known {
    at: WallMs,
    departments: Departments,
    recorders: HashMap<String, (Stands, Option<Stands>)>,
    /// Device numbers and whose they are.
    devices: HashMap<String, String>,
    /// People by id and by name, those who have not left.
    people: HashMap<String, Vec<PersonId>>,
    /// Who is a clerk over what.
    clerks: BTreeMap<(PersonId, Option<DepartmentId>), bool>,
    ids_above: HashMap<RecorderId, u32>,
    devices_above: HashMap<String, u32>,
}

/// A row, read.
struct Said {
    id: RecorderId,
    device_id: Option<String>,
    model: Option<String>,
    record: AssetRecord,
}

impl Known {
    pub fn of(registers: &dyn Registers, at: WallMs) -> PortResult<Known> {
        let departments = Departments::of(registers)?;
        let mut known = Known { at, departments, ..Known::default() };
        let mut assets: HashMap<String, Stands> = HashMap::new();
        for row in registers.select(&Query::all(&ASSET))? {
            assets.insert(row.text("recorder").to_owned(), row);
        }
        for row in registers.select(&Query::all(&s::RECORDER))? {
            let id = row.text("id").to_owned();
            if let Some(device) = row.text_opt("device_id") {
                known.devices.insert(device.to_owned(), id.clone());
            }
            let asset = assets.remove(&id);
            known.recorders.insert(id, (row, asset));
        }
        known.read_people(registers)?;
        Ok(known)
    }

    fn read_people(&mut self, registers: &dyn Registers) -> PortResult<()> {
        let mut ids = Vec::new();
        for row in registers.select(&Query::all(&s::PERSON))? {
            let person = crate::registry::person_of(&row)?;
            if !person.retired {
                self.people.entry(person.name).or_default().push(person.id.clone());
                ids.push(person.id);
            }
        }
        // An id is meant before anybody's name.
        self.people.extend(ids.into_iter().map(|id| (id.to_string(), vec![id])));
        Ok(())
    }

    /// What the row comes to; `None` where it says too little, and complaints where it says wrong.
    pub fn outcome(
        &mut self,
        registers: &dyn Registers,
        row: &mut Row,
    ) -> PortResult<Option<Outcome>> {
        let Some(said) = self.read(registers, row)? else { return Ok(None) };
        self.once(row, &said);
        Ok(Some(match self.recorders.get(said.id.as_str()) {
            Some((stands, asset)) => against(row, &said, (stands, asset.as_ref())),
            None => {
                let Said { id, device_id, model, record } = said;
                let record = Some(record).filter(|record| *record != AssetRecord::default());
                let enrolled = RecorderEnrolled { id, device_id, model };
                Outcome::Changes(Box::new(Change::EnrolRecorder { enrolled, record }))
            }
        }))
    }

    fn read(&mut self, registers: &dyn Registers, row: &mut Row) -> PortResult<Option<Said>> {
        let id = row.id("id");
        let device_id = row.id::<RecorderId>("device number").map(String::from);
        let model = row.text("model", 100);
        let asset_number = row.text("asset number", 100);
        let acquired = row.day("acquired");
        let department = self.departments.read(row);
        let clerk = self.clerk(registers, row, department.as_ref())?;
        let cabinet = row.text("cabinet", 100);
        let record = AssetRecord { asset_number, acquired, department, clerk, cabinet };
        Ok(id.map(|id| Said { id, device_id, model, record }))
    }

    /// A recorder is kept by a named clerk (002/A6-§6): the rule of `recorder describe`.
    fn clerk(
        &mut self,
        registers: &dyn Registers,
        row: &mut Row,
        department: Option<&DepartmentId>,
    ) -> PortResult<Option<PersonId>> {
        let Some(word) = row.text("clerk", 100) else { return Ok(None) };
        let Some([clerk]) = self.people.get(&word).map(Vec::as_slice) else {
            let what = match self.people.contains_key(&word) {
                true => "同名的人不止一个，请写编号; several people have that name; write the id",
                false => {
                    "没有这个人，先登记或先导入人员; no such person; enrol or import people first"
                }
            };
            row.complain("clerk", &word, what);
            return Ok(None);
        };
        let key = (clerk.clone(), department.cloned());
        let holds = match self.clerks.get(&key) {
            Some(holds) => *holds,
            None => duty::holds(registers, clerk, Role::Clerk, department, self.at)?.is_some(),
        };
        if !holds {
            row.complain("clerk", &word, format!(
                "不是（该部门的）管理员，先 `sealdock duty appoint {clerk} --role clerk …`; is no clerk for it; appoint them first (002/A6-§6)"
            ));
        }
        let clerk = clerk.clone();
        self.clerks.insert(key, holds);
        Ok(holds.then_some(clerk))
    }

    /// Neither number twice in the sheet, no device number that is another's.
    fn once(&mut self, row: &mut Row, said: &Said) {
        if let Some(above) = self.ids_above.insert(said.id.clone(), row.line()) {
            let what = format!("与第 {above} 行编号相同; line {above} has the same number");
            row.complain("id", said.id.as_str(), what);
        }
        let Some(device) = &said.device_id else { return };
        if let Some(owner) = self.devices.get(device).filter(|id| **id != said.id.as_str()) {
            let what = format!("机内编号已属于 {owner}; the device number belongs to {owner}");
            row.complain("device number", device, what);
        }
        if let Some(above) = self.devices_above.insert(device.clone(), row.line()) {
            let what = format!("与第 {above} 行相同; line {above} has the same");
            row.complain("device number", device, what);
        }
    }
}

/// A recorder that is enrolled.
fn against(row: &mut Row, said: &Said, (stands, asset): (&Stands, Option<&Stands>)) -> Outcome {
    let id = said.id.as_str();
    let correct = format!("sealdock recorder correct {id} … --reason TEXT");
    let device = ("device number", said.device_id.as_deref());
    same_as(row, device, stands.text_opt("device_id"), &correct);
    same_as(row, ("model", said.model.as_deref()), stands.text_opt("model"), &correct);
    let described = asset.and_then(|asset| asset.int_opt("described_seq"));
    if described.is_none() && said.record != AssetRecord::default() {
        let enrolled_seq = u64::try_from(stands.int("enrolled_seq")).unwrap_or_default();
        let (recorder, record) = (said.id.clone(), said.record.clone());
        return Outcome::Changes(Box::new(Change::DescribeRecorder {
            recorder,
            record,
            enrolled_seq,
        }));
    }
    let r = &said.record;
    let fields = [
        ("asset number", "asset_number", r.asset_number.as_deref()),
        ("acquired", "acquired", r.acquired.as_deref()),
        ("department", "department", r.department.as_ref().map(|id| id.as_str())),
        ("clerk", "clerk", r.clerk.as_ref().map(|id| id.as_str())),
        ("cabinet", "cabinet", r.cabinet.as_deref()),
    ];
    for (name, column, says) in fields {
        let stands = asset.and_then(|asset| asset.text_opt(column));
        same_as(row, (name, says), stands, &correct);
    }
    Outcome::Same
}
