//! Words of bays and sessions: what a tile, a session's page and the kiosk say of a docking.

use super::Word;

words! {
    TAKEN_AWAY = "未确认就取走", "taken away unconfirmed";
    NO_RECORDER = "不能作为记录仪读取，什么都没有复制，也没有擦除", "it cannot be read as a recorder; nothing was copied or wiped";
    NOT_ALL = "同一设备上另有存储卷没有完成，还不能取走", "another volume of this device is not finished, do not take it yet";
    STATION_STOPPED = "采集站已停止，不再写入任何内容；请联系系统操作员", "the station has stopped and writes nothing more; call the operator";
    PROFILES_FAULT = "设备型号文件有误，请联系系统操作员", "a profile of recorders cannot be read; call the operator";
    // a session's page
    NEEDS = "要做的决定", "what is to be decided";
    ASSIGN = "确认视频归属", "say whose the clips are";
    ASSIGN_NOTE = "归属以后，本人可以查看，记录仪上的文件可以擦除。任何人不得归给自己。", "Whoever they are assigned to may view them as their own, and they may be wiped from the recorder. Nobody assigns to themself.";
    WHICH_CLIPS = "哪些视频", "which clips";
    REST_LATER = "先列出一部分；其余的办完这些再列出。", "These are the first; the others follow when these are done.";
    WIPE = "下令擦除", "order the wipe";
    WIPE_ALL_STORED = "都已入库并读回核对；擦除前再读一次记录仪，不一致的不擦除。", "All of it is stored and was read back; before the wipe the recorder is read once more, and what differs stays.";
    WIPE_NOW = "记录仪在号位上，现在就执行。", "The recorder stands in a bay: it is done now.";
    WIPE_LATER = "记录仪不在号位，下次插回并确认时执行。", "The recorder stands in no bay: it is done when it is docked next.";
    WIPE_AFTER = "有视频还没有归属：先确认归属，再下令擦除。", "Some clips are nobody's: say first whose they are, then order the wipe.";
    WIPE_COUNT = "要擦除的文件个数（请填写）", "how many files are wiped (type it)";
    WOULD_WIPE = "将从记录仪擦除", "to be wiped from the recorder";
    FILES = "个文件", "files";
    ASIDES_OPEN = "处理搁置项", "decide what stands aside";
    ASIDES_NOTE = "留下：文件留在记录仪上，不再取。重试：下次插入再取一次。", "Leave: the file stays on the recorder and is not tried again. Try again: at the next docking.";
    LEAVE = "留在记录仪上", "leave on the recorder";
    RETRY = "下次重试", "try again at the next docking";
    TO_SESSION = "到采集记录处理", "decide it at its session";
    NOBODYS = "这段视频没有归属，在它的采集记录中确认。", "This clip is nobody's; its session is where somebody says whose it is.";
    MORE_OF_THEM = "更多见“采集记录”", "more under sessions";
    // the kiosk
    FILES_CARRY = "文件属于", "its files belong to";
    ISSUED_TO = "领用登记在", "handed out to";
    NOT_ISSUED = "没有领用登记", "to nobody";
    STILL_MINE = "仍由我确认，开始采集", "I confirm it, begin";
    NOT_MINE = "不是我的", "it is not mine";
    HAS_GONE = "已不在号位，什么都没有复制；插回并确认", "is gone from its bay, nothing was copied; put it back and confirm it";
    LEFT_UNCONFIRMED = "什么都没有复制；插回并确认", "nothing was copied; put it back and confirm it";
    DO_NOT_TAKE = "不要取走记录仪。", "Leave the recorder where it is.";
    DONE_RETURNED = "已完成，已登记交回，可以取走", "done and on record as returned; it may be taken";
    ALL_DONE = "已完成，可以取走", "done; it may be taken";
}
