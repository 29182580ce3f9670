//! Rows of people against the register of people.

use super::plan::{Change, Departments, Outcome, same_as};
use super::row::Row;
use crate::actor::Role;
use crate::duty::{PersonRecord, bare_certificate};
use crate::event::PersonEnrolled;
use crate::id::PersonId;
use crate::ports::{PortResult, Registers};
use crate::schema as s;
use crate::table::{Query, Row as Stands};
use std::collections::HashMap;

/// What the registers and the rows above say. Read once for all rows.
#[derive(Default)]
pub(super) struct Known {
    departments: Departments,
    people: HashMap<String, Stands>,
    /// Bare certificate numbers of those who have not left, and whose they are.
    certificates: HashMap<String, String>,
    /// Ids and certificates of the sheet so far, with their lines.
    ids_above: HashMap<PersonId, u32>,
    certificates_above: HashMap<String, u32>,
}

/// A row, read.
struct Said {
    id: PersonId,
    name: String,
    role: Role,
    record: PersonRecord,
}

impl Said {
    fn has_particulars(&self) -> bool {
        let r = &self.record;
        r.department.is_some()
            || [&r.certificate, &r.phone, &r.joined].into_iter().any(Option::is_some)
    }
}

impl Known {
    pub fn of(registers: &dyn Registers) -> PortResult<Known> {
        let mut known = Known { departments: Departments::of(registers)?, ..Known::default() };
        for row in registers.select(&Query::all(&s::PERSON))? {
            let id = row.text("id").to_owned();
            if let (Some(number), None) = (row.text_opt("certificate"), row.int_opt("retired_seq"))
            {
                known.certificates.insert(bare_certificate(number), id.clone());
            }
            known.people.insert(id, row);
        }
        Ok(known)
    }

    /// What the row comes to; `None` where it says too little, and complaints where it says wrong.
    pub fn outcome(&mut self, row: &mut Row) -> Option<Outcome> {
        let said = self.read(row);
        let said = said?;
        self.once_in_the_sheet(row, &said);
        self.certificate_is_free(row, &said);
        let Some(stands) = self.people.get(said.id.as_str()) else {
            heads_one_department(row, &said);
            let record = said.has_particulars().then(|| said.record.clone());
            let Said { id, name, role, .. } = said;
            let enrolled = PersonEnrolled { id, name, role, pin_commitment: None };
            return Some(Outcome::Changes(Box::new(Change::EnrolPerson { enrolled, record })));
        };
        against(row, &said, stands)
    }

    fn read(&self, row: &mut Row) -> Option<Said> {
        let id = row.id("id");
        let name = row.text("name", 100);
        let role = role(row);
        let department = self.departments.read(row);
        let certificate = row.text("certificate", 60);
        let phone = row.text("phone", 60);
        let joined = row.day("joined");
        let (id, name, role) = (id?, name?, role?);
        let record = PersonRecord { name: name.clone(), department, certificate, phone, joined };
        Some(Said { id, name, role, record })
    }

    fn once_in_the_sheet(&mut self, row: &mut Row, said: &Said) {
        if let Some(above) = self.ids_above.insert(said.id.clone(), row.line()) {
            let what = format!("与第 {above} 行编号相同; line {above} has the same id");
            row.complain("id", said.id.as_str(), what);
        }
    }

    /// One certificate, one person: the rule of `person describe`, which looks at one person at a time.
    fn certificate_is_free(&mut self, row: &mut Row, said: &Said) {
        let Some(number) = &said.record.certificate else { return };
        let bare = bare_certificate(number);
        if let Some(holder) = self.certificates.get(&bare).filter(|id| **id != said.id.as_str()) {
            let what = format!(
                "证号已登记在 {holder} 名下，一人一号; it is {holder}'s; one person has one identity"
            );
            row.complain("certificate", number, what);
        }
        if let Some(above) = self.certificates_above.insert(bare, row.line()) {
            let what = format!("与第 {above} 行证号相同; line {above} has the same certificate");
            row.complain("certificate", number, what);
        }
    }
}

fn role(row: &mut Row) -> Option<Role> {
    let text = row.text("role", 60)?;
    let role = Role::parse(&text.to_lowercase())
        .or_else(|| Role::ALL.into_iter().find(|role| role.chinese().contains(&text.as_str())));
    if role.is_none() {
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.chinese()[0]).collect();
        let what = format!("没有这个职务，可用：{}; there is no such role", all.join("、"));
        row.complain("role", &text, what);
    }
    role
}

/// An enrolment gives its role over the whole unit.
fn heads_one_department(row: &mut Row, said: &Said) {
    if let (Role::DepartmentHead, Some(department)) = (said.role, &said.record.department) {
        let what = format!(
            "这样登记会成为全单位各部门的负责人；请填 执法人员，导入后 `sealdock duty appoint {} --role department-head --department {department}`; enrolled like this they would head every department: write 执法人员 officer, then appoint them",
            said.id
        );
        row.complain("role", said.role.chinese()[0], what);
    }
}

/// Somebody who is enrolled.
fn against(row: &mut Row, said: &Said, stands: &Stands) -> Option<Outcome> {
    let id = said.id.as_str();
    if stands.int_opt("retired_seq").is_some() {
        row.complain("id", id, "此人已离开本单位; this person has retired from the unit");
        return None;
    }
    let describe = format!("sealdock person describe {id} … --reason TEXT");
    same_as(row, ("name", Some(&said.name)), Some(stands.text("name")), &describe);
    let appoint = format!("sealdock duty appoint {id} …");
    same_as(row, ("role", Some(said.role.as_str())), Some(stands.text("role")), &appoint);
    if stands.int_opt("described_seq").is_none() && said.has_particulars() {
        let enrolled_seq = u64::try_from(stands.int("enrolled_seq")).unwrap_or_default();
        let (person, record) = (said.id.clone(), said.record.clone());
        return Some(Outcome::Changes(Box::new(Change::DescribePerson {
            person,
            record,
            enrolled_seq,
        })));
    }
    let r = &said.record;
    let fields = [
        ("department", r.department.as_ref().map(|id| id.as_str())),
        ("certificate", r.certificate.as_deref()),
        ("phone", r.phone.as_deref()),
        ("joined", r.joined.as_deref()),
    ];
    for (name, says) in fields {
        same_as(row, (name, says), stands.text_opt(name), &describe);
    }
    Some(Outcome::Same)
}
