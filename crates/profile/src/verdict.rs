//! What a device is taken for, and what that allows.

use crate::seen::State;
use crate::shape::Surprise;

/// The answer to "what is plugged in there?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One profile fits. A locked one is known only on a port bound to it.
    Known { profile: String, state: State },
    /// An ordinary disk or MTP device.
    Generic { state: State },
    /// Several profiles fit, or one that needs a binding.
    Ambiguous { candidates: Vec<String>, state: State },
    /// Must receive nothing, whatever the port is bound to.
    Forbidden { profile: String, why: String },
    /// No recorder, or not one that may be let in.
    Refused { why: Surprise },
}

impl Verdict {
    /// May the device be authorised? A disk of which only the make is in doubt is read all the same:
    /// a judgement never keeps footage from being stored.
    pub fn admits(&self) -> bool {
        match self {
            Verdict::Known { .. } | Verdict::Generic { .. } => true,
            Verdict::Ambiguous { state, .. } => *state != State::Locked,
            Verdict::Forbidden { .. } | Verdict::Refused { .. } => false,
        }
    }

    /// May the unlock of the profile be sent?
    pub fn unlocks(&self) -> Option<&str> {
        match self {
            Verdict::Known { profile, state: State::Locked } => Some(profile),
            _ => None,
        }
    }

    pub fn state(&self) -> Option<State> {
        match self {
            Verdict::Known { state, .. }
            | Verdict::Generic { state }
            | Verdict::Ambiguous { state, .. } => Some(*state),
            Verdict::Forbidden { .. } => Some(State::Forbidden),
            Verdict::Refused { .. } => None,
        }
    }

    /// The one profile to read the device by.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Verdict::Known { profile, .. } => Some(profile),
            _ => None,
        }
    }

    /// What an operator must know or do: Chinese, then English. `None` where nothing is.
    pub fn sentence(&self) -> Option<String> {
        match self {
            Verdict::Known { .. } | Verdict::Generic { .. } => None,
            Verdict::Ambiguous { candidates, .. } => {
                let all = candidates.join(", ");
                Some(format!(
                    "设备可能是：{all}；请在坞站配置中将端口绑定到正确型号，在此之前不发送解锁命令 / this may be \
                     {all}; bind the port to the right profile in docks.toml; until then no unlock is sent"
                ))
            }
            Verdict::Forbidden { why, .. } => Some(format!(
                "设备处于固件引导模式，不发送任何数据；请取下并送修 / {why}: nothing is sent to it; take it off \
                 and have it repaired"
            )),
            Verdict::Refused { why } => Some(why.sentence()),
        }
    }
}
