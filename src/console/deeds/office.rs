//! People, duties, recorders and their use.

use super::{Teller, because};
use sealdock_core::desk::{self, Duty as Overdue, Place};
use sealdock_core::duty;
use sealdock_core::why::halves;

impl Teller<'_> {
    pub(super) fn duty(&self, event: &duty::Event) -> String {
        use duty::Event;
        match event {
            Event::DepartmentAdded(e) => format!("增加部门 {}（{}）", e.id, e.name),
            Event::DepartmentRenamed(e) => {
                format!("把部门 {} 改名为“{}”，理由：{}", e.id, e.name, e.reason)
            }
            Event::PersonDescribed(e) => {
                format!("登记 {} 的资料{}", e.record.name, because(e.reason.as_deref()))
            }
            Event::PersonRetired(e) => {
                format!("停用人员 {}，理由：{}", self.name(&e.person), e.reason)
            }
            Event::PinSet(e) => {
                format!("设定 {} 的口令{}", self.name(&e.person), because(e.reason.as_deref()))
            }
            Event::PersonLocked(e) => format!("因多次输错口令锁定 {}", self.name(&e.person)),
            Event::PersonReleased(e) => {
                format!("解除 {} 的锁定，理由：{}", self.name(&e.person), e.reason)
            }
            Event::DutyAppointed(e) => {
                let over =
                    e.department.as_ref().map_or("全单位".to_owned(), |d| format!("部门 {d}"));
                let acting =
                    e.acting_for.as_ref().map(|id| format!("，代行 {} 的职务", self.name(id)));
                format!(
                    "任命 {} 为{:#}（{over}）{}，理由：{}",
                    self.name(&e.person),
                    e.role,
                    acting.unwrap_or_default(),
                    e.reason
                )
            }
            Event::DutyEnded(e) => format!("结束职务 {}，理由：{}", e.duty, e.reason),
            Event::HeadProposed(e) => {
                format!("提名 {} 为单位负责人，理由：{}", self.name(&e.person), e.reason)
            }
            Event::HeadSeconded(e) => {
                let name = self.name(&e.person);
                format!("附议第 {} 条，{name} 为单位负责人，理由：{}", e.proposal, e.reason)
            }
            Event::PasskeyAdded(e) => {
                format!("给 {} 添加通行密钥“{}”", self.name(&e.person), e.label)
            }
            Event::PasskeyNamed(e) => {
                format!("把 {} 的通行密钥改名为“{}”", self.name(&e.person), e.label)
            }
            Event::PasskeyRemoved(e) => {
                let why = because(e.reason.as_deref());
                format!("删除 {} 的通行密钥（第 {} 条）{why}", self.name(&e.person), e.passkey)
            }
            Event::PasskeyUsed(e) => format!("核验 {} 的通行密钥", self.name(&e.person)),
            Event::PasskeyCloned(e) => {
                format!("{} 的通行密钥计数倒退，可能被复制，已作废", self.name(&e.person))
            }
        }
    }

    pub(super) fn desk(&self, event: &desk::Event) -> String {
        use desk::Event;
        match event {
            Event::RecorderDescribed(e) => {
                format!("登记记录仪 {} 的资料{}", e.recorder, because(e.reason.as_deref()))
            }
            Event::RecorderCorrected(e) => {
                format!("更正记录仪 {} 的登记，理由：{}", e.recorder, e.reason)
            }
            Event::Designated(e) => {
                let name = self.name(&e.officer);
                format!("指定记录仪 {} 给 {name}，理由：{}", e.recorder, e.reason)
            }
            Event::DesignationEnded(e) => {
                let name = self.name(&e.officer);
                format!("取消记录仪 {} 对 {name} 的指定，理由：{}", e.recorder, e.reason)
            }
            Event::FaultReported(e) => format!("报告记录仪 {} 故障：{}", e.recorder, e.text),
            Event::Moved(e) => {
                let place = match e.place {
                    Place::Cabinet => "入柜",
                    Place::Repair => "送修",
                    Place::Lost => "遗失",
                    Place::Retired => "停用",
                };
                let aboard =
                    if e.footage_aboard.is_some() { "（里面有未入库资料）" } else { "" };
                format!("登记记录仪 {} {place}{aboard}，理由：{}", e.recorder, e.reason)
            }
            Event::Checked(e) => {
                let when = match e.of {
                    Some(of) => format!("使用前（{of}）"),
                    None => "定期".to_owned(),
                };
                match e.findings.is_empty() {
                    true => format!("{when}检查记录仪 {}：正常", e.recorder),
                    false => {
                        let found = e.findings.iter().map(|one| halves(one).0);
                        let found: Vec<&str> = found.collect();
                        format!("{when}检查记录仪 {}：{}", e.recorder, found.join("；"))
                    }
                }
            }
            Event::OverdueWarned(e) => self.overdue(e, "提醒即将到期"),
            Event::Overdue(e) => self.overdue(e, "记录逾期"),
            other => self.usage(other),
        }
    }

    fn overdue(&self, e: &desk::Overdue, how: &str) -> String {
        let what = match e.what {
            Overdue::Return => "交回",
            Overdue::Docking => "采集",
        };
        let (name, due) = (self.name(&e.officer), self.time(e.due));
        format!("{how}：{} {name} 的记录仪 {} 应在 {due} 前{what}", e.of, e.recorder)
    }

    fn usage(&self, event: &desk::Event) -> String {
        use desk::Event;
        match event {
            Event::Requested(e) => {
                let (name, until) = (self.name(&e.officer), self.time(e.until));
                format!("申请领用记录仪 {}：{name}，用途：{}，至 {until}", e.recorder, e.purpose)
            }
            Event::Approved(e) => format!("批准领用 {}：记录仪 {}", e.of, e.recorder),
            Event::Refused(e) => format!("答复不批准领用 {}，理由：{}", e.of, e.reason),
            Event::Withdrawn(e) => format!("撤回领用 {}{}", e.of, because(e.reason.as_deref())),
            Event::Issued(e) => {
                format!("发出记录仪 {} 给 {}（{}）", e.recorder, self.name(&e.officer), e.of)
            }
            Event::Returned(e) => {
                let late = if e.late == Some(true) { "，逾期" } else { "" };
                match e.session {
                    Some(session) => {
                        format!("交回记录仪 {}（{}），在 {session} 采集{late}", e.recorder, e.of)
                    }
                    None => format!(
                        "收回记录仪 {}（{}），没有采集{late}{}",
                        e.recorder,
                        e.of,
                        because(e.reason.as_deref())
                    ),
                }
            }
            Event::Docked(e) => format!("采集记录仪 {}（{}，{}）", e.recorder, e.of, e.session),
            Event::DockedByAnother(e) => {
                let who = e.officer.as_ref().map_or("不明人员".to_owned(), |id| self.name(id));
                format!("采集记录仪 {}（{}），交来的是 {who}，不是领用人", e.recorder, e.of)
            }
            Event::Breach(e) => {
                let name = self.name(&e.officer);
                format!("登记未经批准领用：{name} 领走记录仪 {}，原因：{}", e.recorder, e.reason)
            }
            Event::BreachSeen(e) => format!("处理未经批准领用 {}：{}", e.of, e.text),
            Event::LateExplained(e) => format!("说明 {} 迟交的原因：{}", e.of, e.text),
            // Told above.
            Event::RecorderDescribed(_)
            | Event::RecorderCorrected(_)
            | Event::Designated(_)
            | Event::DesignationEnded(_)
            | Event::FaultReported(_)
            | Event::Moved(_)
            | Event::Checked(_)
            | Event::OverdueWarned(_)
            | Event::Overdue(_) => crate::execute::entry_in_words(&event.clone().into()),
        }
    }
}
