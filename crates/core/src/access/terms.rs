//! The words of viewing and copying: who asks, what for, on what footing, how secret.

use serde::{Deserialize, Serialize};

/// Who asks. The approver follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// 其他民政人员: a person of the unit, in their own name (002/A6-§20)
    Colleague,
    /// 单位内部机构 (002/A6-§21)
    InternalBody,
    /// 上级民政机关 (002/A6-§21)
    SuperiorBody,
    /// 公安、法院等职能单位 (002/A6-§21)
    Authority,
    /// 当事人 (002/A2-§18)
    Party,
}

impl Who {
    pub const ALL: [Who; 5] =
        [Who::Colleague, Who::InternalBody, Who::SuperiorBody, Who::Authority, Who::Party];

    pub fn as_str(self) -> &'static str {
        self.footing().as_str()
    }

    /// In the words of the rule.
    pub fn chinese(self) -> &'static str {
        match self {
            Who::Colleague => "本单位人员",
            Who::InternalBody => "单位内部机构",
            Who::SuperiorBody => "上级民政机关",
            Who::Authority => "公安、法院等职能单位",
            Who::Party => "当事人",
        }
    }

    pub fn parse(text: &str) -> Option<Who> {
        Who::ALL.into_iter().find(|who| who.as_str() == text)
    }

    pub fn footing(self) -> Footing {
        match self {
            Who::Colleague => Footing::Colleague,
            Who::InternalBody => Footing::InternalBody,
            Who::SuperiorBody => Footing::SuperiorBody,
            Who::Authority => Footing::Authority,
            Who::Party => Footing::Party,
        }
    }
}

/// What for. One does not include the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// 查阅、调阅
    View,
    /// 复制
    Copy,
}

impl Purpose {
    pub const ALL: [Purpose; 2] = [Purpose::View, Purpose::Copy];

    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::View => "view",
            Purpose::Copy => "copy",
        }
    }

    pub fn parse(text: &str) -> Option<Purpose> {
        Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// In what capacity somebody comes to footage. Secrecy levels name those that they leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Footing {
    /// The officer whose footage it is (002/A6-§20).
    Own,
    /// A duty with a standing right: viewer, legal head, penalty head (002/A6-§20).
    Duty,
    Colleague,
    InternalBody,
    SuperiorBody,
    Authority,
    Party,
}

impl Footing {
    pub fn as_str(self) -> &'static str {
        match self {
            Footing::Own => "own",
            Footing::Duty => "duty",
            Footing::Colleague => "colleague",
            Footing::InternalBody => "internal-body",
            Footing::SuperiorBody => "superior-body",
            Footing::Authority => "authority",
            Footing::Party => "party",
        }
    }
}

/// How secret a clip is, from the most open to the strictest (002/A2-§19; 003-§44; 000-全过程§17). A clip
/// without a level is [`Level::Internal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// 公开
    Public,
    /// 内部
    Internal,
    /// 个人隐私
    Private,
    /// 商业秘密
    TradeSecret,
    /// 国家秘密
    StateSecret,
}

impl Level {
    pub const ALL: [Level; 5] =
        [Level::Public, Level::Internal, Level::Private, Level::TradeSecret, Level::StateSecret];

    pub fn as_str(self) -> &'static str {
        match self {
            Level::Public => "public",
            Level::Internal => "internal",
            Level::Private => "private",
            Level::TradeSecret => "trade-secret",
            Level::StateSecret => "state-secret",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Level::Public => "公开",
            Level::Internal => "内部",
            Level::Private => "个人隐私",
            Level::TradeSecret => "商业秘密",
            Level::StateSecret => "国家秘密",
        }
    }

    pub fn parse(text: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.as_str() == text)
    }
}
