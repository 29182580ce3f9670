//! Names beside the ids, for papers that people read who do not know the ids.

use crate::duty::DEPARTMENT;
use crate::ports::{PortResult, Registers};
use crate::schema::PERSON;
use crate::table::Query;
use std::collections::BTreeMap;
use std::fmt;

/// An id and the name that belongs to it now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub id: String,
    /// Empty: no name is known.
    pub name: String,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.is_empty() {
            true => f.write_str(&self.id),
            false => write!(f, "{} {}", self.name, self.id),
        }
    }
}

/// People and departments, read once.
#[derive(Debug, Default)]
pub struct Names {
    people: BTreeMap<String, Person>,
    departments: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Person {
    name: String,
    department: Option<String>,
}

impl Names {
    /// # Errors
    /// The registers cannot be read.
    pub fn of(registers: &dyn Registers) -> PortResult<Names> {
        let people = registers.select(&Query::all(&PERSON))?;
        let departments = registers.select(&Query::all(&DEPARTMENT))?;
        let people = people.iter().map(|row| {
            let department = row.text_opt("department").map(str::to_owned);
            (row.text("id").to_owned(), Person { name: row.text("name").to_owned(), department })
        });
        let departments =
            departments.iter().map(|row| (row.text("id").to_owned(), row.text("name").to_owned()));
        Ok(Names { people: people.collect(), departments: departments.collect() })
    }

    pub fn person(&self, id: &str) -> Named {
        let name = self.people.get(id).map(|person| person.name.clone());
        Named { id: id.to_owned(), name: name.unwrap_or_default() }
    }

    pub fn department(&self, id: &str) -> Named {
        Named { id: id.to_owned(), name: self.departments.get(id).cloned().unwrap_or_default() }
    }

    /// Where a person belongs now.
    pub fn department_of(&self, person: &str) -> Option<Named> {
        let id = self.people.get(person)?.department.as_deref()?;
        Some(self.department(id))
    }
}
