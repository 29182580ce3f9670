//! One recorder for every five officers at least (S25, 002/M-二(二)3(1)), for the unit and by department.

use super::{Named, Names};
use crate::actor::Role;
use crate::desk::assets;
use crate::duty;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::WallMs;
use std::collections::{BTreeMap, BTreeSet};

/// Recorders against officers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratio {
    /// Absent: officers or recorders that belong to no department; in `Ratios::unit` the whole unit.
    pub department: Option<Named>,
    /// In office.
    pub officers: u32,
    /// In service: neither lost nor retired.
    pub recorders: u32,
    /// What the policy asks for, rounded up.
    pub needed: u32,
}

impl Ratio {
    pub fn enough(&self) -> bool {
        self.recorders >= self.needed
    }
}

/// The rule is about the unit; departments show where recorders are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratios {
    pub unit: Ratio,
    pub by_department: Vec<Ratio>,
}

/// As it stands at `at`.
///
/// # Errors
/// The registers cannot be read.
pub fn ratios(registers: &dyn Registers, at: WallMs) -> PortResult<Ratios> {
    let each = registry::policy(registers)?.desk.officers_per_recorder;
    let names = Names::of(registers)?;
    let mut by: BTreeMap<Option<Named>, Ratio> = BTreeMap::new();
    let mut unit = Ratio::default();
    let officers: BTreeSet<_> =
        duty::holders(registers, Role::Officer, at)?.into_iter().map(|held| held.person).collect();
    for officer in &officers {
        by.entry(names.department_of(officer.as_str())).or_default().officers += 1;
        unit.officers += 1;
    }
    for asset in assets(registers)?.iter().filter(|asset| asset.in_service()) {
        let department = asset.department.as_ref().map(|id| names.department(id.as_str()));
        by.entry(department).or_default().recorders += 1;
        unit.recorders += 1;
    }
    let reckoned = |ratio: Ratio| Ratio { needed: ratio.officers.div_ceil(each), ..ratio };
    let lines = by.into_iter().map(|(department, ratio)| Ratio { department, ..reckoned(ratio) });
    Ok(Ratios { by_department: lines.collect(), unit: reckoned(unit) })
}
