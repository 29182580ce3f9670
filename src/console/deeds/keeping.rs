//! Cases; keeping, checking, going.

use super::{Teller, because};
use sealdock_console::show;
use sealdock_core::registry;
use sealdock_core::why::halves;
use sealdock_core::{keep, matter};

impl Teller<'_> {
    pub(super) fn keep(&self, event: &keep::Event) -> String {
        use keep::Event;
        match event {
            Event::ClipClassed(e) => match &e.replaces {
                Some(before) => {
                    let (before, class) = (self.class(before), self.class(&e.class));
                    format!("把视频 {} 由“{before}”类改为“{class}”类，理由：{}", e.clip, e.reason)
                }
                None => {
                    format!("定视频 {} 为“{}”类，理由：{}", e.clip, self.class(&e.class), e.reason)
                }
            },
            Event::ClockTrusted(e) => format!("确认采集站时钟正确：{}", e.reason),
            Event::HoldRequested(e) => {
                format!("申请长期保存{}，理由：{}", self.clips(&e.clips), e.reason)
            }
            Event::HoldApproved(e) => format!("批准长期保存 {}", e.hold),
            Event::HoldRefused(e) => format!("答复不批准长期保存 {}，理由：{}", e.hold, e.reason),
            Event::HoldReleaseRequested(e) => {
                format!("申请解除长期保存 {}，理由：{}", e.hold, e.reason)
            }
            Event::HoldReleased(e) => format!("解除长期保存 {}", e.hold),
            Event::HoldReleaseRefused(e) => {
                format!("答复不同意解除长期保存 {}，理由：{}", e.hold, e.reason)
            }
            Event::MediumBurnt(e) => {
                format!("刻录介质“{}”：{}，存放于 {}", e.label, self.clips(&e.clips), e.place)
            }
            Event::MediumReadBack(e) => {
                let how = if e.equal { "一致" } else { "不一致" };
                format!("回读介质 {}：{how}，存放于 {}", e.medium, e.place)
            }
            Event::CheckAnnounced(e) => format!(
                "公告抽查：从第 {} 至 {} 条中抽 {} 段，以第 {} 条处的链头抽取",
                e.from, e.to, e.count, e.at_size
            ),
            Event::CheckDrawn(e) => format!("抽取抽查 {}：{}", e.check, self.clips(&e.clips)),
            Event::CheckAnswered(e) => match &e.finding {
                Some(finding) => format!("填写抽查 {} 视频 {}：{finding}", e.check, e.clip),
                None => format!("填写抽查 {} 视频 {}：没有问题", e.check, e.clip),
            },
            Event::CheckCorrected(e) => {
                format!("答复抽查 {} 视频 {} 的问题：{}", e.check, e.clip, e.text)
            }
            Event::CheckClosed(e) => format!("结束抽查 {}：{}", e.check, e.appraisal),
            other => self.going(other),
        }
    }

    fn going(&self, event: &keep::Event) -> String {
        use keep::Event;
        match event {
            Event::DisposalPlanned(e) => {
                format!("提出处置计划：{} 段，{}", e.clips.len(), show::bytes(e.bytes))
            }
            Event::DisposalApproved(e) => {
                format!("批准处置计划 {}；等待期从现在起算，期满前不移除任何视频", e.plan)
            }
            Event::DisposalWithdrawn(e) => {
                let clips: Vec<_> = e.clips.iter().map(|one| one.clip).collect();
                format!("把{}移出处置计划 {}", self.clips(&clips), e.plan)
            }
            Event::DisposalBegun(e) => {
                format!("开始执行处置计划 {}，本次最多 {} 段", e.plan, e.clips)
            }
            Event::DisposalIntended(e) => {
                format!("按计划 {} 准备移除{}", e.plan, self.clips(&e.clips))
            }
            Event::DisposalKept(e) => format!("保留{}（计划 {}）", self.clips(&e.clips), e.plan),
            Event::ClipDisposed(e) => format!("按计划 {} 处置{}", e.plan, self.clips(&e.clips)),
            Event::DrillBegun(e) => format!("开始演练：把第二副本放到 {}", e.to),
            Event::DrillCompleted(e) => format!(
                "完成第 {} 条的演练：{} 条记录、{} 段视频，发现 {} 项问题",
                e.drill, e.entries, e.clips, e.findings
            ),
            Event::DrillRemoved(e) => {
                format!("说明第 {} 条演练的副本已清除：{}", e.drill, e.reason)
            }
            Event::StationChecked(e) => format!(
                "全面核对（{}）：{} 条记录、{} 段视频，异常 {} 项",
                if e.deep { "逐字节重读" } else { "只看文件在不在、大小对不对" },
                e.entries,
                e.clips,
                e.findings
            ),
            // Told above.
            other => crate::execute::entry_in_words(&other.clone().into()),
        }
    }

    /// A class by the Chinese of its name; by its id where the policy in force knows it no more.
    fn class(&self, id: &str) -> String {
        let policy = registry::policy(self.registers).ok();
        let named = policy.as_ref().and_then(|policy| policy.keeping.class(id));
        named.map_or_else(|| id.to_owned(), |class| halves(&class.name).0.to_owned())
    }

    pub(super) fn matter(&self, event: &matter::Event) -> String {
        use matter::Event;
        match event {
            Event::StepsAdopted(_) => "施行新的音像记录事项清单".to_owned(),
            Event::MatterOpened(e) => {
                let officers: Vec<String> =
                    e.record.officers.iter().map(|id| self.name(id)).collect();
                format!("登记案件“{}”，执法人员：{}", e.record.title, officers.join("、"))
            }
            Event::MatterCorrected(e) => format!("更正案件 {}，理由：{}", e.matter, e.reason),
            Event::MatterClosed(e) => {
                let (ended, due) = (self.time(e.ended), self.time(e.due));
                format!("结案 {}：执法于 {ended} 结束，应在 {due} 前归档", e.matter)
            }
            Event::FilingWarned(e) => {
                format!("提醒案件 {} 应在 {} 前归档", e.matter, self.time(e.due))
            }
            Event::FilingMissed(e) => {
                format!("记录案件 {} 没有在 {} 前归档", e.matter, self.time(e.due))
            }
            Event::MatterFiled(e) => format!(
                "归档案件 {}：案号 {}，视频 {} 段{}",
                e.matter,
                e.case_file,
                e.clips,
                because(e.reason.as_deref())
            ),
            Event::StepDeclared(e) => {
                format!("登记案件 {} 的环节“{}”，地点：{}", e.matter, e.name, e.place)
            }
            Event::StepClosed(e) => format!("结束环节 {}", e.step),
            Event::ClipBound(e) => {
                let step = e.step.map(|step| format!("环节 {step}")).unwrap_or_default();
                format!("把视频 {} 归入案件 {}{step}", e.clip, e.matter)
            }
            Event::ClipUnbound(e) => {
                format!("取消视频 {} 的归入（第 {} 条），理由：{}", e.clip, e.binding, e.reason)
            }
            Event::ClipMarked(e) => format!("标记视频 {} 为重点：{}", e.clip, e.reason),
            Event::InterruptionFound(e) => format!("发现环节 {} 的记录有中断", e.step),
            Event::InterruptionFilled(e) => format!("补齐中断 {}", e.interruption),
            Event::InterruptionExplained(e) => {
                let told = self.name(&e.told);
                format!("说明中断 {}，报告 {told}：{}", e.interruption, e.text)
            }
            Event::InterruptionNoted(e) => {
                let how = if e.accepted { "认可" } else { "不认可" };
                format!("答复中断 {} 的说明：{how}，{}", e.interruption, e.text)
            }
        }
    }
}
