//! Every word of the console, in both languages. A pair cannot lack one; a template that names a word which is not here
//! does not compile.

/// Language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

/// A word: Chinese, English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(pub &'static str, pub &'static str);

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// In this language.
    pub fn t(self, word: Word) -> &'static str {
        match self {
            Lang::Zh => word.0,
            Lang::En => word.1,
        }
    }

    /// As HTML names it.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// As an address and a cookie name it.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// Chinese unless English is asked for.
    pub fn parse(text: &str) -> Lang {
        if text == "en" { Lang::En } else { Lang::Zh }
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }
}

macro_rules! words {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        $(pub const $name: Word = Word($zh, $en);)*
        /// All of them, for a test that reads each.
        pub const ALL: &[(&str, Word)] = &[$((stringify!($name), $name)),*];
    };
}

/// Running the station: people, recorders, policy, places.
pub mod admin;
/// Bays, and what is taken there.
pub mod dock;
/// The first run.
pub mod first;
/// At arm's length.
pub mod kiosk;
/// Passkeys.
pub mod passkey;
/// What a policy's keys mean.
pub mod policy;
/// Words of cases, keeping, checks, copies, registers.
pub mod rooms;
/// Pages that show footage.
pub mod view;

words! {
    // states of a bay
    EMPTY = "空闲", "empty";
    NOT_OURS = "未识别设备", "not a known recorder";
    CONFIRM = "请本人确认", "confirm it is yours";
    LISTING = "读取清单", "reading the list";
    COPYING = "复制", "copying";
    PROVING = "校验", "proving";
    WIPING = "擦除", "wiping";
    DONE = "完成，可取走", "done, may be taken";
    DECIDE = "需要处理", "needs a decision";
    FAULT = "故障", "fault";
    EARLY = "拔出过早", "taken out too early";
    // what to do about it
    DO_CONFIRM = "到终端点此号位，输入本人口令。", "Touch this bay at the kiosk and enter your PIN.";
    DO_CALL = "请联系管理员；不要取走记录仪。", "Call the clerk; leave the recorder where it is.";
    DO_BACK = "已取的已保存，其余仍在记录仪内。插回任一号位，再确认一次。", "What was taken is stored, the rest is still on it. Put it back into any bay and confirm again.";
    DO_AGAIN = "拔下再插一次；仍不行请联系管理员。", "Unplug it and plug it in again; if that does not help, call the clerk.";
    DO_LEAVE = "请勿拔出。", "Do not unplug.";
    // the wall
    BAY = "号位", "bay";
    WALL = "采集墙", "bay wall";
    CLIPS = "段视频", "clips";
    OF = "共", "of";
    MARKED = "重点", "marked";
    LEFT = "约剩", "about";
    LEFT_AFTER = "", "left";
    DEADLINES = "时限", "deadlines";
    NOBODY_DUE = "没有即将到期的", "nobody is due";
    OVERDUE = "逾期", "overdue";
    DUE_IN = "还有", "in";
    BRING_BACK = "交回", "bring back";
    DOCK_IT = "采集", "dock";
    HEAD_OF_CHAIN = "链头", "head of the chain";
    ENTRIES = "条记录", "entries";
    LAST_ENTRY = "最近一条", "last entry";
    AGO = "前", "ago";
    RECEIPT_AGE = "外部凭证", "outside anchor";
    NO_ANCHOR = "尚无外部凭证", "no outside anchor yet";
    SOUND_ON = "提示音：开", "sound: on";
    SOUND_OFF = "提示音：关", "sound: off";
    STATE_UNKNOWN = "状态不明，请勿取走", "unknown, do not take it";
    LOST_TOUCH = "与采集站的连接中断，各号位状态不明，请勿取走记录仪。最后一次听到采集站：", "The connection to the station is lost and the bays are unknown: take no recorder away. The station was last heard at";
    STOPPED = "采集站已停止写入", "the station has stopped writing";
    NO_BAYS = "尚未设置号位。", "There is no bay yet.";
    NO_BAYS_DO = "请单位负责人登录：工作台 → 监督 → 管理 → 号位与机型", "The unit head signs in: desk → oversight → administration → bays and profiles";
    // frame
    PRODUCT = "封证坞 sealdock", "sealdock";
    SWITCH = "English", "中文";
    DESK = "工作台", "desk";
    KIOSK = "自助终端", "kiosk";
    OVERVIEW = "总览", "overview";
    SESSIONS = "采集记录", "sessions";
    APPROVALS = "审批", "approvals";
    EVIDENCE_ROOM = "证据室", "evidence room";
    SIGN_IN = "登录", "sign in";
    SIGN_OUT = "退出", "sign out";
    PERSON = "人员编号", "person number";
    PIN = "口令", "PIN";
    BACK = "返回", "back";
    SKIP = "跳到正文", "skip to the page";
    SIGNED_OUT = "已退出，或登录已超时。", "You are signed out, or the session has ended.";
    SIGN_IN_WHY = "查看登记需要登录；签署每一项决定时还要再输入一次口令。", "Reading the registers needs a sign-in; each decision asks for the PIN once more.";
    // kiosk
    WHICH_BAY = "您的记录仪在几号位？", "Which bay holds your recorder?";
    NONE_WAITS = "现在没有等待确认的记录仪。", "No recorder waits to be confirmed.";
    PLUG_IN = "把记录仪插入任一空闲号位，几秒后会出现在这里。", "Plug your recorder into any empty bay; it appears here in a few seconds.";
    THESE_ARE_MINE = "这台是我的，开始采集", "this one is mine, begin";
    WHO_ARE_YOU = "您是谁？", "Who are you?";
    RECORDER = "记录仪", "recorder";
    BEGUN = "已开始采集", "it has begun";
    BEGUN_WHAT = "可以离开。墙上显示“完成，可取走”之前请勿拔出。", "You may go. Do not unplug it before the wall says 'done, may be taken'.";
    CLEAR = "清除", "clear";
    // desk
    CLIPS_KEPT = "在管资料", "clips in custody";
    UNASSIGNED = "未归属", "unassigned";
    ASIDES = "搁置件", "set aside";
    LATE_UNEXPLAINED = "逾期未说明", "late, unexplained";
    WAITING_USES = "待批准领用", "uses that wait";
    DISK_FREE = "磁盘可用", "disk free";
    SECOND_COPY = "第二副本", "second copy";
    ALARMS = "报警与提示", "alarms and notes";
    PORT_FAULT = "这个端口上的设备不能采集，原因见系统日志；请拔下再插一次，仍不行请联系系统操作员", "the device on this port cannot be taken, the log says why; plug it in again, and if that does not help call the operator";
    DAMAGED_COPY = "存储的副本已损，记录仪上的文件不会擦除；请系统操作员在本机运行 sealdock check --deep，再把记录仪插一次", "the stored copy is damaged and the recorder keeps its file; have the operator run `sealdock check --deep` on this machine, then dock again";
    NO_ALARM = "没有报警。", "No alarm.";
    LAST_SESSIONS = "最近的采集", "last sessions";
    ALL_CLIPS = "音像资料", "clips";
    CLIP = "资料", "clip";
    RECORDED = "录制时间", "recorded";
    RECORDED_END = "录制结束", "recorded until";
    STORED_AT = "（入库时间）", " (stored)";
    FROM_FILE_TIME = "（记录仪文件时间，已按采集时测得的时钟偏差校正）", " (the recorder's file time, less the measured offset of its clock)";
    FROM_RAW_TIME = "（记录仪文件时间，时钟偏差未测得）", " (the recorder's file time; the offset of its clock is not known)";
    WAS_RECORDED = "录制", "recorded";
    RECORDED_BEGIN = "录制开始", "recorded from";
    FROM_NAME = "（文件名）", " (file name)";
    FROM_LENGTH = "（由结束时间减时长）", " (the end less the length)";
    NOT_TOLD = "不详", "not known";
    TIMES_DIFFER = "两个时间不一致", "two times differ";
    TIMES_DIFFER_WHY = "按文件名和时长，录制结束与文件时间相差；以文件时间为准。相差", "By file name and length it ended at another time than its file time says; the file time counts. They differ by";
    BY_STATION = "采集站", "the station";
    BY_OPERATOR = "系统操作员", "the operator";
    STATION_ZONE = "时间均为采集站时间，时区", "Times are the station's, zone";
    STOP = "。", ".";
    IN_UTC = "UTC 时间", "in UTC";
    USUAL_GAP = "经手之间", "between hands";
    LASTED = "历时", "for";
    NAME = "名称", "name";
    SIZE = "大小", "size";
    OFFICER = "执法人员", "officer";
    DAY = "日期", "day";
    MARKS = "标记", "marks";
    ONLY_MARKED = "仅重点", "marked only";
    ONLY_LATE = "仅逾期", "late only";
    ONLY_UNASSIGNED = "仅未归属", "unassigned only";
    FIND = "查找", "find";
    MORE = "下一页", "next page";
    NOTHING_FOUND = "没有符合的资料。", "No clip fits.";
    LIFE_OF = "的经手经过", "life of";
    LIFE_WHY = "从录制到今天，每一次经手都是链上的一条记录。虚线处没有记录：灰色的是每段视频都有的路程，橙色的需要有人说明。", "From recording to today, every hand is an entry of the chain. Dashed is what has none: grey belongs to the way of every clip, amber is for somebody to explain.";
    ENTRY = "记录号", "entry";
    TIME = "时间", "time";
    BY = "经办人", "by whom";
    WHAT = "事项", "what";
    GAP = "缺口", "gap";
    GAPS = "处待说明", "to be explained";
    PROOF = "证明", "proof";
    PROVE_NOW = "此刻再证明一次", "prove it again now";
    PROVEN = "已证明：这条入库记录自写入之时起未被改动（依据：签名与包含证明均成立，记录在链头之下）。", "Proven: the entry that took this clip in was not altered since it was written (signature and inclusion hold; it is under the head of the chain).";
    NOT_PROVEN_BYTES = "这里没有重新读取文件内容；逐字节的核对见“证据室”的全面核对，以及抽查。", "The file itself was not read again here; full checks, in the evidence room, and spot checks do that.";
    NOT_YET_PROVEN = "尚未在此页证明；点下面的按钮，当场再算一次。", "Not proven on this page yet; the button below does it on the spot.";
    DIGEST = "SHA-256", "SHA-256";
    COPIES = "存储于", "stored in";
    KEPT_UNTIL = "保存", "kept";
    SESSION = "采集", "session";
    OPENED = "开始", "opened";
    HOW_IT_STANDS = "情况", "state";
    NO_SESSION = "尚无采集记录。", "No session yet.";
    LINE = "行", "line";
    FATE = "结果", "fate";
    WHY = "原因", "why";
    ACCESS_REQUESTS = "查阅、复制申请", "requests to view or copy";
    USE_REQUESTS = "领用申请", "requests to take a recorder";
    NOTHING_WAITS = "没有待批的申请。", "No request is waiting for your decision.";
    APPLICANT = "申请人", "applicant";
    PURPOSE = "用途", "purpose";
    REASON = "事由", "reason";
    ASKED_FOR = "申请范围", "asked for";
    MATTER = "案件", "case";
    UNTIL = "至", "until";
    APPROVE = "批准", "approve";
    REFUSE = "不批准", "refuse";
    DECISION_REASON = "意见", "reason for the decision";
    DECIDED_BY = "由谁批准", "decided by";
    APPROVED_BY = "批准人", "approved by";
    CAME_BACK = "最近交回", "came back lately";
    BACK_AT = "交回", "back";
    BACK_BY_DOCKING = "停靠采集", "by docking";
    ASSIGN_RECORDERS = "指定记录仪给人员、入柜", "assign recorders to people, put them away";
    IN_VAULT = "存储库", "vault";
    IN_BOTH = "存储库、第二副本", "vault, second copy";
    NOT_APPROVED = "未经批准领用，待答复", "taken without approval, to be answered";
    TO_BE_ANSWERED_BY = "由谁答复", "to be answered by";
    YOUR_ANSWER = "答复意见", "your answer";
    ANSWER_IT = "答复", "answer";
    VALID_DAYS = "批准后有效（天）", "approved for (days)";
    TIMES = "每段次数", "times for each clip";
    CLIPS_BEYOND = "其余段数", "clips beyond these";
    YOUR_PIN = "您的口令（签署）", "your PIN (it signs)";
    COPIES_UNDECIDED = "只有一份副本：指定第二副本或由单位同意只存一份之前，不自动擦除记录仪。", "one copy only; nothing is wiped by itself until a second copy is named or a single copy is accepted";
    COPIES_SINGLE = "单位已同意只保存一份副本，风险由单位承担。", "one copy only, accepted by the unit as its risk";
    COPIES_PRESENT = "第二副本正常。", "the second copy is there";
    COPIES_MISSING = "第二副本不在：恢复之前不擦除任何记录仪，请联系系统操作员。", "the second copy is missing; nothing is wiped until it is back";
    FOR_YOU = "其他等您答复的", "Other things that wait for your answer";
    HOLD_WAITS = "长期保存申请，等您答复：", "long-term keeping asked for:";
    HOLD_RELEASE_WAITS = "解除长期保存申请，等您答复：", "release of long-term keeping asked for:";
    PLAN_WAITS = "处置计划，等您批准：", "disposal plan, waits for your approval:";
    FINDING_WAITS = "抽查发现问题，等您答复整改：", "finding of a spot check, waits for your answer:";
    MORE_WAITS = "还有更多等您答复，见：", "More waits for your answer under:";
    WAITING_FOR_YOU = "等您答复", "wait for you";
    PIN_LENT = "您的口令由他人设定，别人知道它。请先在这里换成只有自己知道的口令，再办理其他事项。", "Somebody else gave you this PIN and knows it. Choose another here before anything else.";
    NOTHING_NEW = "没有新的记录：本来就是这样。", "Nothing new: it stood like this already.";
    REFUSED = "未能办理", "Not done";
    CODE = "代码", "code";
    USES = "领用与交回", "issue and return";
    TAKE_OUT = "申请领用", "ask for a recorder";
    TAKE_WHICH = "指定给您的记录仪", "designated to you, and here";
    TAKE_NONE = "没有可供您领用的记录仪，请联系管理员指定。", "No recorder assigned to you is here; ask the clerk to assign one.";
    TAKE_ASK = "提交申请", "send the request";
    BACK_BY = "交回时限（空白：今天结束）", "back by (empty: the end of today)";
    PURPOSE_CHECK = "执法检查", "inspection";
    PURPOSE_SERVE = "送达文书", "serving documents";
    PURPOSE_SCENE = "现场处置", "attending a scene";
    PURPOSE_TRAINING = "训练", "training";
    TO_HAND_OUT = "已批准，待交付", "approved, to be handed out";
    CHECK_BEFORE = "使用前检查", "check before use";
    WORKS = "能正常工作", "it works";
    CLOCK_RIGHT = "时间正确", "its clock is right";
    LOOKS_EMPTY = "我看过：存储为空", "I looked: its memory is empty";
    BATTERY = "电量 %", "battery %";
    FREE_SPACE = "可用空间（MiB，1 GB ≈ 954 MiB）", "free space (MiB; 1 GB ≈ 954 MiB)";
    HAND_OUT = "提交检查（合格即交付）", "submit the check (if fit, it is handed out)";
    FOUND_FAULTY = "检查时发现故障", "found faulty when checked";
    OUT_NOW = "领出未还", "out, not back";
    NOTHING_OUT = "没有待交付或领出未还的记录仪。", "No recorder waits to be handed out, and none is out.";
    RETURN_BY_HAND = "手工交回（未停靠）", "return by hand, not docked";
    WHY_NOT_DOCKED = "为何未停靠采集", "why it is not docked";
    WAITS_FOR_HEAD = "待部门负责人批准", "waits for the department head";
    ORIGIN = "站点标识", "origin";
    ROOT = "链根", "root";
    KEYS = "密钥", "keys";
    EPOCH = "密钥期", "epoch";
    ANCHORS = "外部凭证", "outside anchors";
    VERIFIER_KEY = "验证公钥", "verifier key";
    HEAD_RECEIPT = "链头回执", "Receipt of the head";
    HEAD_RECEIPT_WHY = "打印并离开本机保存：今后谁改动或截断记录，凭这张回执即可看出。每班结束打印一张。", "Print it and keep it away from this machine: whoever changes or cuts the record later is shown by it. One at the end of each shift.";
    NOT_FOUND = "没有这一页，或您无权查看。", "There is no such page, or you may not see it.";
    FAILED = "未能完成", "it did not work";
    OWN_ONLY = "您只看到与本人有关的。", "You see what concerns yourself.";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_chinese(letter: char) -> bool {
        ('\u{4e00}'..='\u{9fff}').contains(&letter)
    }

    #[test]
    fn every_word_is_there_in_both_languages_and_in_no_other() {
        // Said with a word before the number in the one language and after it in the other.
        let one_sided = ["LEFT_AFTER"];
        let same =
            ["DIGEST", "SWITCH", "PRODUCT", "COLON", "COMMA", "SEMICOLON", "STOP", "AND_ALSO"];
        let rooms = [rooms::ALL, view::ALL, kiosk::ALL, admin::ALL, first::ALL, policy::ALL];
        let rooms = rooms.into_iter().chain([passkey::ALL, dock::ALL]);
        for (name, word) in ALL.iter().chain(rooms.flatten()) {
            if !one_sided.contains(name) {
                assert!(!word.0.trim().is_empty() && !word.1.trim().is_empty(), "{name}");
            }
            if !same.contains(name) && !word.0.is_empty() {
                assert!(word.0.chars().any(is_chinese), "{name} is not Chinese: {}", word.0);
                assert!(!word.1.chars().any(is_chinese), "{name} is not English: {}", word.1);
            }
        }
    }

    #[test]
    fn english_is_asked_for_and_chinese_is_not() {
        assert_eq!(
            (Lang::parse("en"), Lang::parse("zh"), Lang::parse("")),
            (Lang::En, Lang::Zh, Lang::Zh)
        );
    }
}
