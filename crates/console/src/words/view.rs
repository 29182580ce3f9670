//! Words of the pages that show footage.

use super::Word;

words! {
    ROOM = "查阅", "viewing";
    VIEW = "查阅", "view";
    VIEWS_LEFT = "还可查阅次数：", "views left:";
    VIEWS_SPENT = "已用完或已过期；需要再看请重新申请", "spent or expired: ask again to view it";
    MINE = "已批准您查阅的", "approved for you to view";
    NONE = "没有批准您查阅的资料。", "Nothing is approved for you to view.";
    NO_OLDER = "没有更早的批准。", "There are no older approvals.";
    MORE_OF_THEM = "这里只列出较近的批准。", "Only the newer approvals stand here.";
    OLDER = "更早的批准", "older approvals";
    NEWEST = "最近的批准", "the newest approvals";
    HOW = "从资料页可以查阅；无权直接查阅的，先提出申请。", "Viewing begins on the page of a clip; whoever has no right of their own applies first.";
    OPEN = "打开查阅", "open the viewing";
    OPEN_WHY = "打开即记入链：谁、何时、依据、事由。画面上烧录您的编号、时间与记录号。禁止翻拍屏幕。", "Opening writes an entry: who, when, on what ground, why. Your number, the time and the entry are burnt into the picture. Filming the screen is forbidden.";
    GROUND = "依据", "ground";
    GROUND_OWN = "本人所录", "your own footage";
    GROUND_DUTY = "职责", "your duty";
    GROUND_APPROVAL = "批准", "approval";
    MAY_NOT = "您现在不能查阅此件：", "You may not view this clip now:";
    MISSING = "本机还不能播放录像，请联系系统操作员安装播放组件。", "This machine cannot play footage yet; ask the operator to install the player.";
    RECORD_NUMBER = "记录号", "entry";
    PROVING = "正在逐块核对原件", "every byte is being held against the record";
    LOADING = "正在准备画面", "the picture is being made";
    ENDED = "画面已清除。", "The picture is cleared.";
    LOST = "与采集站的连接中断，画面已清除。", "The connection to the station is lost and the picture is cleared.";
    CANNOT = "此浏览器不能播放；请用当前版本的 Chromium 或 Firefox。", "This browser cannot play it; use a current Chromium or Firefox.";
    PLAY = "播放", "play";
    PAUSE = "暂停", "pause";
    STEP_BACK = "上一帧", "one frame back";
    STEP_ON = "下一帧", "one frame on";
    SPEED = "速度", "speed";
    VOLUME = "音量", "volume";
    POSITION = "位置", "position";
    FULL = "全屏", "full screen";
    OVERVIEW = "缩略图", "thumbnails";
    CLOSE = "结束查阅", "end the viewing";
    KEYS = "键盘：空格 播放或暂停，← → 逐帧，Shift+← → 十秒，↑ ↓ 音量，F 全屏。", "Keys: space plays and pauses, ← → by frame, Shift+← → ten seconds, ↑ ↓ volume, F full screen.";
    AGAIN = "回到查阅页", "back to the page of this viewing";
    NEEDS_SCRIPT = "此页需要脚本。", "This page needs its script.";
}
