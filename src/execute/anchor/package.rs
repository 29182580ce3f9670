//! Answered heads in a package: the growth from each is made as from a receipt; head, answers and certificates are
//! files of their own.

use super::witness::{POLICY, cosigned, policy};
use super::{newest_of, shelf};
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_stamp::Stamp;
use sealdock_station::viewing::Paper;
use sealdock_store::anchors::Anchored;

/// What stands in `READ-ME-FIRST.txt` in Chinese and English; empty where there is nothing.
type Words = [String; 2];

/// Heads that have a time-stamp, by size.
fn answered(open: &Open) -> Result<Vec<Anchored>, CliError> {
    let mut all = shelf(open).all()?;
    all.retain(|anchored| anchored.asked.iter().any(|asked| asked.answer.is_some()));
    Ok(all)
}

/// Heads with a cosignature that the station's policy believes.
fn witnessed(open: &Open) -> Result<Vec<Anchored>, CliError> {
    let shelf = shelf(open);
    let Some(policy) = policy(&shelf)? else { return Ok(Vec::new()) };
    let mut all = shelf.all()?;
    let believed = cosigned(open, &policy, &all)?;
    all.retain(|anchored| believed.iter().any(|one| one.size() == anchored.size));
    Ok(all)
}

/// The receipts that were given, and every stamped and every cosigned head as one more: the chain is held against all
/// of them, and growth from each goes into the package.
pub fn receipts(open: &Open, given: Option<&str>) -> Result<Option<String>, CliError> {
    let mut texts: Vec<String> = given.into_iter().map(str::to_owned).collect();
    for anchored in answered(open)?.into_iter().chain(witnessed(open)?) {
        let text = String::from_utf8(anchored.head).map_err(|_| {
            let text = format!("anchors/{}/checkpoint.signed is no text", anchored.size);
            CliError::new(Exit::Stopped, text)
        })?;
        texts.push(text);
    }
    Ok((!texts.is_empty()).then(|| texts.join("\n")))
}

/// The cosigned heads, the policy by which they were asked for, and what is said about them.
pub fn cosigned_heads(open: &Open) -> Result<(Vec<Paper>, Words), CliError> {
    let all = witnessed(open)?;
    let Some(largest) = all.last().map(|anchored| anchored.size) else {
        return Ok((Vec::new(), Default::default()));
    };
    let note = |one: &Anchored| {
        let name = format!("anchors/{}/checkpoint.cosigned", one.size);
        Some((name, one.cosigned.clone()?))
    };
    let mut papers: Vec<Paper> = all.iter().filter_map(note).collect();
    papers.extend(shelf(open).policy()?.map(|policy| (POLICY.to_owned(), policy)));
    Ok((papers, witness_words(largest)))
}

fn witness_words(size: u64) -> Words {
    let line = "    sealdock-verify --key 'KEY' --witness-policy policy .";
    let chinese = format!(
        "见证人见证签名（c2sp.org/tlog-witness）。policy 写明相信哪些见证人、须有几个，须由您自己拟定或另行取得，\
         不可用本文件夹里的；KEY 是另外拿到的公钥：\n\n{line}\n\n\
         达到所需见证数即：前 {size} 个条目在见证人所写时间之前已经存在，且见证人没有见过另一份记录。\n\n"
    );
    let english = format!(
        "Witnesses (c2sp.org/tlog-witness). The file policy says which witnesses are believed and how many it takes;\n\
         make it yourself or get it by another way, and not from this folder. KEY is the key that you got by another way:\n\n\
         {line}\n\n\
         With a quorum the first {size} entries existed before the times that the witnesses name, and they have seen no\n\
         other record.\n\n"
    );
    [chinese, english]
}

/// The files, and what `READ-ME-FIRST.txt` says about them in Chinese and English; empty where there are none.
pub fn stamped(open: &Open) -> Result<(Vec<Paper>, Words), CliError> {
    let all = answered(open)?;
    let mut papers = Vec::new();
    for anchored in &all {
        let folder = format!("anchors/{}", anchored.size);
        papers.push((format!("{folder}/checkpoint.signed"), anchored.head.clone()));
        for asked in &anchored.asked {
            if let Some(answer) = &asked.answer {
                papers.push((format!("{folder}/{}.tsr", asked.number), answer.clone()));
            }
        }
    }
    let chain = if all.is_empty() { None } else { shelf(open).chain()? };
    let has_chain = chain.is_some();
    papers.extend(chain.map(|chain| ("anchors/tsa-chain.pem".to_owned(), chain)));
    let Some((size, stamp)) = newest_of(&all)? else { return Ok((papers, Default::default())) };
    let file = all.iter().find(|anchored| anchored.size == size).and_then(|anchored| {
        let same = |answer: &Vec<u8>| Stamp::read(answer).is_ok_and(|one| one.at() == stamp.at());
        anchored.asked.iter().find(|asked| asked.answer.as_ref().is_some_and(same))
    });
    let number = file.map_or(1, |asked| asked.number);
    Ok((papers, words((size, number), &stamp, has_chain)))
}

fn words((size, number): (u64, u32), stamp: &Stamp, has_chain: bool) -> Words {
    let between = if has_chain { " -untrusted anchors/tsa-chain.pem" } else { "" };
    let line = format!(
        "    openssl ts -verify -data anchors/{size}/checkpoint.signed -in anchors/{size}/{number}.tsr \
         -CAfile root.pem{between} -attime {}",
        stamp.at().seconds()
    );
    let at = stamp.at();
    let chinese = format!(
        "时间戳（RFC 3161）。root.pem 是时间戳服务机构的根证书，须另行取得，不可用本文件夹里的：\n\n{line}\n\n\
         显示 Verification: OK，即前 {size} 个条目不晚于 {at}（UTC）已经存在。它不说明没有另一份记录。\n\n"
    );
    let english = format!(
        "A time-stamp (RFC 3161). root.pem is the root certificate of the time-stamping authority, got by another\n\
         way and not from this folder:\n\n{line}\n\n\
         Verification: OK says that the first {size} entries existed not after {at} (UTC). It does not say that\n\
         there is no other record.\n\n"
    );
    [chinese, english]
}
