//! Words of the first run.

use super::Word;

words! {
    FIRST_RUN = "首次设置", "first run";
    STEP = "步骤", "step";
    CODE_TITLE = "请输入一次性代码", "Enter the one-time code";
    CODE_WHY = "代码显示在启动本程序的终端上，七组，每组四个字母或数字，只能用一次。可以复制粘贴；横线、空格和大小写都不影响，没有 0、1、I、O。", "It stands on the terminal that started this program: seven groups of four letters or digits, and counts once. It may be pasted; hyphens, spaces and small letters say nothing, and there is no 0, 1, I or O in it.";
    CODE = "代码", "code";
    GO_ON = "继续", "continue";
    GO_BACK = "上一步", "back";
    NOTHING_YET = "在最后一步确认之前，不会建立任何东西；中断后从头开始即可。", "Nothing is made before you confirm the last step; broken off, it begins anew.";
    S_UNIT = "单位", "unit";
    S_PEOPLE = "人员", "people";
    S_POLICY = "策略", "policy";
    S_KEY = "密钥", "keys";
    S_COPIES = "第二副本", "second copy";
    S_FOUND = "确认", "confirm";
    UNIT_TITLE = "哪个单位的采集站？", "Whose station is it?";
    UNIT_NAME = "单位名称", "the unit's name";
    UNIT_HINT = "例如 衡阳市民政局；印在登记表和回执上", "stands on forms and receipts";
    ORIGIN = "站点标识", "origin";
    ORIGIN_HINT = "以后不能更改；像域名加路径：mzj.example/station1", "for ever, like a host name and a path: unit7.example/s1";
    ORIGIN_BAD = "不能为空，不能有空格、换行或加号，像 mzj.example/station1", "it is not empty and has no spaces, line breaks or plus signs, like unit7.example/s1";
    PEOPLE_TITLE = "最先登记哪些人？", "Who comes first?";
    PEOPLE_WHY = "至少一位单位负责人和一位管理员，各自当面输入自己的口令。其余人员以后在“管理”中登记或导入。", "At least a unit head and a clerk, each typing their own PIN. Everybody else later, under administration.";
    NUMBER = "编号", "number";
    PERSON_NAME = "姓名", "name";
    DUTY = "职务", "duty";
    PIN_ONE = "口令（4 至 64 位，本人输入）", "PIN, 4 to 64 characters, typed by its owner";
    PIN_TWO = "再输一次", "once more";
    ADD = "加入", "add";
    REMOVE = "去掉", "remove";
    PINS_DIFFER = "两次输入的口令不同。", "The two PINs differ.";
    NEED_HEAD = "还缺单位负责人。", "A unit head is missing.";
    NEED_CLERK = "还缺管理员。", "A clerk is missing.";
    TWICE = "这个编号已经有了。", "This number is there already.";
    TOO_MANY = "先登记到这里；其余人员以后导入。", "Enough for now; import the others later.";
    POLICY_TITLE = "按什么规则运行？", "By which rules?";
    POLICY_WHY = "下列为缺省值，每一项注明依据；以后可由单位负责人更改。", "These are the defaults, each with its source; the unit head can change them later.";
    DOCKING = "停靠由谁确认", "who answers for a docking";
    OFFICER_PIN = "每名执法人员用本人口令（002/A6-§18）", "each officer, with their own PIN (002/A6-§18)";
    CLERK_SHIFT = "管理员值班期间统一负责，每条记录注明", "the clerk on shift; every entry shows it";
    ALL_VALUES = "全部缺省值与依据", "all defaults and their sources";
    KEY = "项目", "key";
    VALUE = "值", "value";
    CITE = "依据", "source";
    YES = "是", "yes";
    NO = "否", "no";
    HOURS = "小时", "hours";
    DAYS = "天", "days";
    UNIT_HEAD_APPROVES = "只由单位负责人批准", "only the unit head approves";
    MAY_VIEW = "可查阅：", "may be viewed by: ";
    MAY_COPY = "可复制：", "may be copied by: ";
    AND_ALSO = "、", ", ";
    NOBODY_MAY = "不开放", "nobody";
    MEANING = "含义", "meaning";
    KEY_TITLE = "签名密钥放在哪里？", "Where do the signing keys lie?";
    KEY_FILE = "本机文件（缺省）", "files of this machine (default)";
    KEY_FILE_WHY = "完成后请把 keys/ 复制到另行上锁的介质。", "Afterwards copy keys/ to a medium that is locked away.";
    KEY_TOKEN_WHY = "用 PKCS#11 令牌时，请改用命令行 sealdock init --token-module（见安装手册）。", "For a PKCS#11 token use the command line: sealdock init --token-module, see the install guide.";
    COPIES_TITLE = "第二副本放在哪块磁盘？", "Which disk holds the second copy?";
    COPIES_WHY = "必须是另一块物理磁盘。没有它，视频只存一份。", "It must be another physical disk. Without it there is one copy of the footage.";
    COPIES_NONE_FOUND = "没有找到另一块已挂载的磁盘。", "No other mounted disk was found.";
    COPIES_PATH = "其他目录", "another directory";
    COPIES_LATER = "以后再定：能采集和入库，但记录仪不会自动清空", "decide later: footage is stored, but no recorder is emptied automatically";
    COPIES_SINGLE = "只存一份，单位承担风险：磁盘损坏即丢失", "one copy only, as the unit's risk: a broken disk loses it";
    CHECKED = "可用", "fits";
    FOUND_TITLE = "这样建立？", "Set up the station like this?";
    FOUND_NOW = "建立采集站", "set up the station";
    PLACE = "目录", "directory";
    DONE_TITLE = "采集站已建立", "The station is set up";
    DONE_WHY = "请打印这张首份回执，写上日期，两人签字，放到采集站之外保管。", "Print this first receipt, write the date on it, have two people sign, and keep it outside the station.";
    DONE_KEYS = "再把目录 keys/ 复制到另行上锁的介质。", "Then copy the folder keys/ to a medium that is locked away.";
    PRINT = "打印", "print";
    OPEN_WALL = "打开采集墙", "open the bay wall";
    THEN = "接下来：单位负责人登录“工作台 → 管理”，登记部门、人员、记录仪和号位。", "Next: the unit head signs in at the desk and enrols departments, people, recorders and bays under administration.";
    NOT_ALL = "已建立，但有一步没有完成：", "Set up, but one step was not done:";
    KEY_WRONG = "代码不对。", "The code is wrong.";
    KEY_SPENT = "代码已在另一个浏览器用过。若不是您，请在终端按 Ctrl-C 停止。", "The code was used in another browser. If that was not you, stop it with Ctrl-C on the terminal.";
    UNIT_BAD = "请填写单位名称（一行，至多 200 字）。", "Give the unit's name, one line, at most 200 characters.";
    NAME_BAD = "请填写姓名（一行，至多 100 字）。", "Give the name, one line, at most 100 characters.";
    CHOOSE_ONE = "请选一项。", "Choose one.";
    ROLE_UNIT_HEAD = "单位负责人", "unit head";
    ROLE_CLERK = "管理员", "clerk";
    ROLE_OFFICER = "执法人员", "officer";
    ROLE_DEPARTMENT_HEAD = "部门负责人", "department head";
    ROLE_LEGAL_HEAD = "法制部门负责人", "legal head";
    ROLE_PENALTY_HEAD = "处罚部门负责人", "penalty head";
    ROLE_PENALTY_LEADER = "处罚部门主管领导", "penalty leader";
    ROLE_VIEWER = "授权查阅人员", "viewer";
    ROLE_AUDITOR = "政策法规科（抽查）", "auditor";
    ROLE_OPERATOR = "系统操作员", "operator";
}

/// Every duty as messages name it, and its word.
pub const ROLES: [(&str, Word); 10] = [
    ("unit-head", ROLE_UNIT_HEAD),
    ("clerk", ROLE_CLERK),
    ("officer", ROLE_OFFICER),
    ("department-head", ROLE_DEPARTMENT_HEAD),
    ("legal-head", ROLE_LEGAL_HEAD),
    ("penalty-head", ROLE_PENALTY_HEAD),
    ("penalty-leader", ROLE_PENALTY_LEADER),
    ("viewer", ROLE_VIEWER),
    ("auditor", ROLE_AUDITOR),
    ("operator", ROLE_OPERATOR),
];

/// The word of a duty, if it is one.
pub fn role(name: &str) -> Option<Word> {
    ROLES.iter().find(|(role, _)| *role == name).map(|(_, word)| *word)
}
