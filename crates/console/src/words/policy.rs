//! What the keys of a policy mean, short; `docs/ref/policy.md` has the rest.

use super::Word;

words! {
    ALARM = "哪个时限报警", "which deadline alarms";
    END_OF_DAY = "当日入库时限", "deadline: end of the day";
    AFTER_RETURN = "交回后入库时限", "deadline after the return";
    AFTER_RECORDING = "录制后入库时限", "deadline after the recording";
    WIPE_MODE = "何时清空记录仪", "when a recorder is emptied";
    SECOND_READING = "清空前二次读取", "second reading before wiping";
    DOCKING_MODE = "停靠由谁确认", "who answers for a docking";
    SHIFT_HOURS = "值班最长时间", "longest shift";
    SETTLE = "插入后等待稳定", "how long a folder must be quiet";
    ZONE = "时区", "civil time";
    NOT_BEFORE = "早于此日的时间不信", "earlier times are not believed";
    FUTURE = "超前多久的时间不信", "how far ahead is still believed";
    SM3 = "同时计算 SM3", "SM3 digests, too";
    RESERVE = "磁盘保留空间", "disk space kept free";
    EXPIRY = "查阅批准有效天数", "days an approval counts";
    EXPIRY_MAX = "查阅批准最长天数", "longest approval";
    TIMES = "查阅次数", "viewings of an approval";
    TIMES_MAX = "查阅次数上限", "most viewings";
    CLIPS_MAX = "一次申请的件数", "clips of one request";
    SECRECY = "密级开放范围", "what a secrecy level leaves open";
    QUARANTINE = "处置前等待", "days before disposal";
    BRAKE = "每日处置上限（千分之）", "disposal a day, thousandths";
    CLASS = "保存类别", "class of keeping";
    FILING = "归档期限", "filing period";
    FILING_WARNING = "归档提前提醒", "warning before filing";
    GAP = "中断判定间隔", "silence that is an interruption";
    CLOCK_STEP = "时钟跳变判定", "jump of a clock";
    WARN = "交回提前提醒", "warning before a return";
    BATTERY = "领用最低电量", "charge at issue";
    FREE = "领用最低空间", "free space at issue";
    OFFSET = "时钟允许偏差", "how far a clock may be off";
    CHECK_HOURS = "使用前检查有效期", "how long a check counts";
    USE_HOURS = "一次领用最长时间", "longest use";
    CHECK_DAYS = "定期核查间隔", "days between periodic checks";
    OFFICERS = "每台配备人数", "officers for a recorder";
    ANCHOR_AGE = "外部凭证最长间隔", "oldest outside anchor";
    PASSKEYS = "可否用通行密钥", "passkeys instead of PINs";
    PIN_AT_LEAST = "新口令最少位数", "characters of a new PIN, at least";
    DUTY_PIN = "有职务人员新口令最少位数", "the same for whoever holds a duty";
    DESK = "有职务人员凭什么登录工作台", "what signs in at the desk, of whoever holds a duty";
}

const KEYS: [(&str, Word); 40] = [
    ("deadlines.alarm", ALARM),
    ("deadlines.end_of_day", END_OF_DAY),
    ("deadlines.after_return", AFTER_RETURN),
    ("deadlines.after_recording", AFTER_RECORDING),
    ("wipe.mode", WIPE_MODE),
    ("wipe.second_reading", SECOND_READING),
    ("docking.mode", DOCKING_MODE),
    ("docking.shift_hours_max", SHIFT_HOURS),
    ("docking.settle_s", SETTLE),
    ("clock.zone", ZONE),
    ("clock.not_before", NOT_BEFORE),
    ("clock.future_hours_max", FUTURE),
    ("storage.sm3", SM3),
    ("storage.reserve_mib", RESERVE),
    ("access.expiry_days_max", EXPIRY_MAX),
    ("access.expiry_days", EXPIRY),
    ("access.times_max", TIMES_MAX),
    ("access.times", TIMES),
    ("access.clips_max", CLIPS_MAX),
    ("access.secrecy", SECRECY),
    ("keeping.quarantine", QUARANTINE),
    ("keeping.brake_per_mille", BRAKE),
    ("keeping.class", CLASS),
    ("matter.filing_days", FILING),
    ("matter.filing_warning_days", FILING_WARNING),
    ("matter.gap_s", GAP),
    ("matter.clock_step_s", CLOCK_STEP),
    ("desk.warn_before", WARN),
    ("desk.battery_min", BATTERY),
    ("desk.free_mib_min", FREE),
    ("desk.clock_offset_s_max", OFFSET),
    ("desk.check_hours_max", CHECK_HOURS),
    ("desk.use_hours_max", USE_HOURS),
    ("desk.check_every_days", CHECK_DAYS),
    ("desk.officers_per_recorder", OFFICERS),
    ("anchors.age_days_max", ANCHOR_AGE),
    ("passkeys.allowed", PASSKEYS),
    ("sign_in.pin_at_least", PIN_AT_LEAST),
    ("sign_in.duty_pin_at_least", DUTY_PIN),
    ("sign_in.desk", DESK),
];

/// What a key means; of `keeping.class.evidence` what `keeping.class` does.
pub fn meaning(key: &str) -> Option<Word> {
    let is = |name: &str| {
        key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
    };
    KEYS.iter().find(|(name, _)| is(name)).map(|(_, word)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_explained_with_what_belongs_to_it_and_by_no_other() {
        assert_eq!(meaning("access.times_max"), Some(TIMES_MAX));
        assert_eq!(meaning("access.times"), Some(TIMES));
        assert_eq!(meaning("keeping.class.evidence"), Some(CLASS));
        assert_eq!(meaning("keeping.classes"), None);
    }
}
