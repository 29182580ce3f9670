//! Why not: the sentence of a rule that said no, in both languages, under a code that stays.
//!
//! A sentence is made by [`why!`] alone, which takes a code, Chinese and English, so none lacks a language. `{}` writes
//! English, as the command line and the log do; `{:#}` writes Chinese, as the pages do. [`Both`] and whatever else is put
//! into a sentence follow the same flag. `docs/ref/refusals.md` lists them all and is held to the sources by a test.

use crate::access;
use crate::actor::Role;
use crate::id::BadId;
use crate::keep;
use std::fmt;

/// A sentence with its code. Reads as its English text, which is what entries keep where they keep one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Stays when the words change; empty for a part of a sentence.
    code: &'static str,
    zh: String,
    en: String,
}

impl Why {
    /// For [`why!`] and [`says!`] alone.
    pub fn made(code: &'static str, zh: String, en: String) -> Why {
        Why { code, zh, en }
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn chinese(&self) -> &str {
        &self.zh
    }
}

impl std::ops::Deref for Why {
    type Target = str;

    fn deref(&self) -> &str {
        &self.en
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if f.alternate() { &self.zh } else { &self.en })
    }
}

/// As entries and answers for programs keep it: in English.
impl serde::Serialize for Why {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.en)
    }
}

/// A sentence: code, Chinese, English, and what stands in both.
#[macro_export]
macro_rules! why {
    ($code:literal, $zh:literal, $en:literal $(, $($arg:tt)*)?) => {
        $crate::why::Why::made(
            $code,
            format!($zh $(, $($arg)*)?),
            format!($en $(, $($arg)*)?),
        )
    };
}

/// A part of a sentence, in both languages.
#[macro_export]
macro_rules! says {
    ($zh:literal, $en:literal $(, $($arg:tt)*)?) => { $crate::why!("", $zh, $en $(, $($arg)*)?) };
}

impl From<BadId> for Why {
    fn from(bad: BadId) -> Why {
        let all = bad.to_string();
        why!(
            "I03",
            "编号“{0}”不能用：须为 1 至 64 个字母、数字或 . _ -，以字母或数字开头。{all:.0}",
            "{all}{0:.0}",
            bad.given
        )
    }
}

/// Words that stand in a sentence: Chinese, English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Both<'a>(pub &'a str, pub &'a str);

impl fmt::Display for Both<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if f.alternate() { self.0 } else { self.1 })
    }
}

/// A letter, or a mark, of a Chinese text.
pub fn is_chinese(c: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&c) || matches!(c, '，' | '：' | '）')
}

/// Of words that the record keeps in both languages, Chinese first (`故障 it does not work`), the two. What is not of this kind
/// stands for both.
pub fn halves(text: &str) -> Both<'_> {
    let cut = text.match_indices(' ').find(|(at, _)| {
        let (left, right) = (&text[..*at], &text[at + 1..]);
        left.ends_with(is_chinese)
            && right.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !right.contains(is_chinese)
    });
    cut.map_or(Both(text, text), |(at, _)| Both(&text[..at], &text[at + 1..]))
}

/// What may stand in a sentence because it has both languages.
pub trait Words: fmt::Display + Copy {}
impl Words for Both<'_> {}
impl Words for &Why {}

macro_rules! both_ways {
    ($($kind:ty = |$it:ident| $chinese:expr;)*) => {
        $(impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $it = *self;
                f.write_str(if f.alternate() { $chinese } else { $it.as_str() })
            }
        })*
    };
}

both_ways! {
    Role = |role| role.chinese()[0];
    access::Who = |who| who.chinese();
    access::Level = |level| level.chinese();
    access::Purpose = |purpose| match purpose {
        access::Purpose::View => "查阅",
        access::Purpose::Copy => "复制",
    };
    access::Footing = |footing| match footing {
        access::Footing::Own => "本人",
        access::Footing::Duty => "凭职务",
        access::Footing::Colleague => "本单位人员",
        access::Footing::InternalBody => "单位内部机构",
        access::Footing::SuperiorBody => "上级民政机关",
        access::Footing::Authority => "公安、法院等职能单位",
        access::Footing::Party => "当事人",
    };
    access::State = |state| spoken(state.as_str()).0;
    access::Shown = |shown| match shown {
        access::Shown::Played => "播放",
        access::Shown::Thumbnails => "缩略图",
    };
    keep::Item = |item| item.chinese();
}

/// One of these duties.
pub fn one_of(roles: &[Role]) -> Why {
    let chinese: Vec<&str> = roles.iter().map(|role| role.chinese()[0]).collect();
    let english: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    Why::made("", chinese.join("或"), english.join(" or "))
}

/// All of these duties.
pub fn every(roles: &[Role]) -> Why {
    let chinese: Vec<&str> = roles.iter().map(|role| role.chinese()[0]).collect();
    let english: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    Why::made("", chinese.join("、"), english.join(", "))
}

/// Several parts, one after another.
pub fn listed(parts: &[Why], english_between: &str) -> Why {
    let chinese: Vec<&str> = parts.iter().map(Why::chinese).collect();
    let english: Vec<&str> = parts.iter().map(|part| &**part).collect();
    Why::made("", chinese.join("；"), english.join(english_between))
}

macro_rules! spoken {
    ($($en:literal = $zh:literal;)*) => {
        /// How something stands, as registers keep it, in words. What has none is shown as it is.
        pub fn spoken(state: &str) -> Both<'_> {
            match state {
                $($en => Both($zh, $en),)*
                other => Both(other, other),
            }
        }
    };
}

spoken! {
    "requested" = "待审批";
    "asked" = "待审批";
    "approved" = "已批准";
    "refused" = "不予批准";
    "revoked" = "已撤销";
    "withdrawn" = "已撤回";
    "issued" = "已领出";
    "returned" = "已交回";
    "docked" = "已采集";
    "cabinet" = "在柜";
    "repair" = "送修";
    "lost" = "遗失";
    "retired" = "停用";
    "open" = "未结束";
    "closed" = "已结束";
    "filed" = "已归档";
    "announced" = "已公告";
    "drawn" = "已抽取";
    "answered" = "已填写";
    "release-requested" = "待批准解除";
    "released" = "已解除";
    "planned" = "待批准";
    "pending" = "等待";
    "removed" = "已处置";
    "disposed" = "已处置";
    "explained" = "已说明";
    "noted" = "已知悉";
    "none" = "未定";
    "own-footage" = "本人的视频";
    "case" = "案件";
    "legal" = "法律规定";
    "complaint" = "投诉";
    "done" = "完成";
    "held" = "需要处理";
    "interrupted" = "中断";
    "leave" = "留置";
    "retry" = "重试";
    "stored" = "已保存";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_english_until_chinese_is_asked_for_and_so_is_what_stands_in_it() {
        let role = one_of(&[Role::Clerk, Role::UnitHead]);
        let inner = says!("由{role:#}办理", "for a {role}");
        let outer = why!("T1", "{} 没有办：{inner:#}", "{} was not done: {inner}", 7);
        assert_eq!(outer.to_string(), "7 was not done: for a clerk or unit-head");
        assert_eq!(format!("{outer:#}"), "7 没有办：由管理员或单位负责人办理");
        assert_eq!((outer.code(), inner.code()), ("T1", ""));
        assert_eq!(format!("{:#} {}", spoken("open"), spoken("odd")), "未结束 odd");
    }
}
