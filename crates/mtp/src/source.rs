//! An object of a recorder, read in pieces: never the whole of it in memory. Every byte comes over the
//! cable when it is asked for; this machine keeps none. What the recorder keeps for itself is not known.

use crate::dataset::Info;
use crate::link::{Link, Trouble};
use mtp_rs::ptp::ResponseCode;
use sealdock_core::block::Block;
use sealdock_core::naming;
use sealdock_core::ports::{FileIdentity, PortResult, Source};

/// How bytes come, and how a second reading is cold.
pub const METHOD: &str = "mtp-transfer";

/// One object, as it was when it was opened.
#[derive(Debug)]
pub struct ObjectSource {
    pub link: Link,
    pub handle: u32,
    pub info: Info,
}

impl Source for ObjectSource {
    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        let object = (self.handle, self.info.size);
        let read = self.link.read(object, offset, block.room());
        let filled = read.map_err(|trouble| {
            let doing = format!("read {} from byte {offset}", naming::display(&self.info.name));
            trouble.about(&doing)
        })?;
        block.set_filled(filled);
        Ok(filled)
    }

    fn unchanged(&mut self) -> PortResult<bool> {
        let same = self.link.info(self.handle).and_then(|now| {
            // A size from a database may be older than the file.
            Ok(now == self.info && !self.link.goes_on(self.handle, now.size)?)
        });
        match same {
            Ok(same) => Ok(same),
            Err(Trouble::Refused(ResponseCode::InvalidObjectHandle)) => Ok(false),
            Err(trouble) => {
                Err(trouble.about(&format!("look at {}", naming::display(&self.info.name))))
            }
        }
    }

    fn identity(&self) -> Option<FileIdentity> {
        None
    }

    fn method(&self) -> &'static str {
        METHOD
    }
}
