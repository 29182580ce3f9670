//! The station, docking, clips, wiping.

use super::Teller;
use sealdock_console::show;
use sealdock_core::event::{AsideDecision, Binding, CopiesNamed, Event, Verdict, WipeOutcome};

impl Teller<'_> {
    pub(super) fn custody(&self, event: &Event) -> String {
        match event {
            Event::StationFounded(e) => format!("设立采集站（{}）", e.unit),
            Event::StationStarted(_) => "启动采集站".to_owned(),
            Event::PolicyAdopted(_) => "施行新的策略".to_owned(),
            Event::CopiesNamed(CopiesNamed::Mirror { place }) => {
                format!("把第二副本放到 {place}")
            }
            Event::CopiesNamed(CopiesNamed::SingleAccepted) => "同意只保存一份".to_owned(),
            Event::KeyRotated(e) => format!("轮换{}", e.key.chinese()),
            Event::KeyReplaced(e) => format!("更换{}，理由：{}", e.key.chinese(), e.reason),
            Event::StationRestored(e) => {
                format!("从副本恢复 {} 条记录，理由：{}", e.size, e.reason)
            }
            Event::PersonEnrolled(e) => format!("登记人员 {}（{}，{:#}）", e.name, e.id, e.role),
            Event::PinRefused(e) => format!("记录一次错误口令：{}", self.name(&e.person)),
            Event::RecorderEnrolled(e) => format!("登记记录仪 {}", e.id),
            Event::BayAdded(e) => format!("增加号位 {}", e.id),
            Event::ShiftOpened(e) => format!("开始值班：{}", self.name(&e.clerk)),
            Event::ShiftClosed(e) => format!("结束值班 {}", e.shift),
            Event::DockRefused(e) => format!("没有采集号位 {} 的 {}", e.bay, e.what),
            other => self.at_the_bay(other),
        }
    }

    fn at_the_bay(&self, event: &Event) -> String {
        match event {
            Event::SessionOpened(e) => {
                let by = match &e.binding {
                    Binding::OfficerPin { officer } => {
                        format!("，{} 凭本人口令确认", self.name(officer))
                    }
                    Binding::ClerkShift { clerk, .. } => {
                        format!("，由值班管理员 {} 负责", self.name(clerk))
                    }
                    Binding::Unassigned { .. } => "，无人确认，暂不归属".to_owned(),
                };
                format!("开始采集：记录仪 {} 插入号位 {}{by}", e.recorder_claim, e.bay)
            }
            Event::RecorderTold(_) => "读取记录仪的自报信息".to_owned(),
            Event::ListingSigned(e) => {
                format!("签署记录仪清单：{} 个文件，{}", e.files, show::bytes(e.bytes))
            }
            Event::ClipStored(e) => {
                format!("核验入库：{}（{}），三次读取一致", e.name, show::bytes(e.size))
            }
            Event::ClipSeen(e) => format!("在记录仪上再次见到视频 {}（{}）", e.clip, e.session),
            Event::ClipSetAside(e) => format!("搁置 {}（{}），等待处理", e.name, e.session),
            Event::ClipDescribed(e) => match e.undescribed.is_some() {
                true => format!("没能读出视频 {} 的媒体信息", e.clip),
                false => format!("读出视频 {} 的媒体信息", e.clip),
            },
            Event::WipeRefused(e) => format!("不从记录仪擦除视频 {}（{}）", e.clip, e.session),
            Event::WipeIntended(e) => format!("准备从记录仪擦除视频 {}", e.clip),
            Event::WipeSettled(e) => match e.outcome {
                WipeOutcome::Wiped => format!("从记录仪擦除（{} 第 {} 行）", e.session, e.line),
                WipeOutcome::Failed => format!("擦除没有成功（{} 第 {} 行）", e.session, e.line),
                WipeOutcome::Unknown => format!("擦除结果不明（{} 第 {} 行）", e.session, e.line),
            },
            Event::WipeCertified(e) => {
                format!("出具擦除证明：擦除 {} 个，留下 {} 个", e.wiped, e.stayed)
            }
            Event::SessionClosed(e) => {
                let how = match e.verdict {
                    Verdict::Done => "完成",
                    Verdict::Held => "需要处理",
                    Verdict::Interrupted => "中断",
                };
                format!("结束采集 {}：{how}", e.session)
            }
            other => self.decided(other),
        }
    }

    fn decided(&self, event: &Event) -> String {
        match event {
            Event::ClipAssigned(e) => {
                let name = self.name(&e.officer);
                format!(
                    "把视频 {} 归给 {name}（记录仪 {}），理由：{}",
                    e.clip, e.recorder, e.reason
                )
            }
            Event::ClipReassigned(e) => format!(
                "更正视频 {} 的归属：由 {} 改为 {}，理由：{}",
                e.clip,
                self.name(&e.was_officer),
                self.name(&e.officer),
                e.reason
            ),
            Event::AsideDecided(e) => {
                let how = match e.decision {
                    AsideDecision::Leave => "留在记录仪上",
                    AsideDecision::Retry => "下次重试",
                    AsideDecision::Stored => "已保存",
                };
                format!("处理搁置件 {}：{how}，理由：{}", e.aside, e.reason)
            }
            Event::DeadlineMissed(e) => {
                let due = self.time(e.due);
                format!("记录视频 {} 没有在 {due} 前入库", e.clip)
            }
            Event::ReasonGiven(e) => format!("说明视频 {} 逾期的原因：{}", e.clip, e.text),
            Event::WipeOrdered(e) => format!("下令擦除 {}，理由：{}", e.session, e.reason),
            // Told elsewhere.
            other => crate::execute::entry_in_words(other),
        }
    }
}
