//! Words of passkeys.

use super::Word;

words! {
    PASSKEYS = "通行密钥", "passkeys";
    NONE = "没有通行密钥。", "No passkeys.";
    LABEL = "名称", "name";
    ADDED_AT = "添加于", "added";
    USED_AT = "最近使用", "last used";
    USED_NEVER = "尚未使用", "not used yet";
    FOR_NAME = "用于地址", "for the address";
    SYNCED = "可同步到其他设备", "may be copied to other devices";
    YES = "是", "yes";
    NO = "否", "no";
    ADD = "添加通行密钥", "add a passkey";
    ADD_WHY = "用指纹、面容或设备口令代替本站口令。添加时须再输一次口令。口令一改，此前的通行密钥全部作废。", "Your fingerprint, face or device PIN in the place of the PIN. Adding one asks the PIN once more. Another PIN ends every passkey of before.";
    RENAME = "更改通行密钥名称", "name a passkey";
    REMOVE = "删去通行密钥", "remove a passkey";
    WHICH = "哪一个", "which one";
    ADDED = "已添加通行密钥", "the passkey was added";
    USE = "用通行密钥", "use a passkey";
    PIN_INSTEAD = "改用口令", "use the PIN instead";
    THEN = "将用通行密钥签署：请点下面的按钮。", "A passkey will sign this: press the button below.";
    WAIT = "请在设备上验证…", "verify yourself on the device…";
    BROKEN_OFF = "验证已取消或超时，什么也没有做；可改用口令。", "The verification was cancelled or took too long, nothing was done; the PIN works too.";
    DEMANDED = "本单位要求：有职务的人员用通行密钥登录工作台。还没有通行密钥的，凭口令登录后先添加一个。", "This unit demands a passkey at the desk of whoever holds a duty. Who has none yet signs in with the PIN and adds one first.";
    FIRST = "您有职务，本单位要求用通行密钥登录工作台：请先在这里添加一个，再用它登录。在此之前打不开其他页面。", "You hold a duty, and this unit demands a passkey at the desk: add one here, then sign in with it. No other page opens before.";
    ADDED_FIRST = "已添加通行密钥。请用它登录。", "The passkey was added. Sign in with it.";
    NEEDS_A_NAME = "要用通行密钥？点此换到可用地址", "Passkeys work at another address of this station: go there";
    NO_AUTHENTICATOR = "本浏览器不支持通行密钥，请用口令。", "This browser knows no passkeys; use the PIN.";
}
