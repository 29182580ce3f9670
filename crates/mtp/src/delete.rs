//! Deletion of exactly the object that a permit names. Over MTP there is no second process that could hold
//! this one to its word, so the last look, the last hash and the deletion are one conversation that nobody
//! else can be in: the interface of the device is claimed by this process alone.
//!
//! Order: looked at, with every folder above · every byte hashed once more · looked at again · deleted ·
//! asked whether it is gone.

use crate::dataset::Info;
use crate::link::Trouble;
use crate::recorder::MtpRecorder;
use crate::walk::{is_missing, is_one_object};
use sealdock_core::block::Block;
use sealdock_core::custody::{WholeHash, WipePermit};
use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};

const BLOCK_BYTES: usize = 1 << 20;

impl MtpRecorder {
    /// # Errors
    /// `Unknown` if the answer was lost: it may be gone, and nothing more is asked of the recorder. Any
    /// other kind: it is still there.
    pub(crate) fn delete_permitted(&mut self, permit: &WipePermit) -> PortResult<()> {
        let listed = permit.file();
        let name = naming::display(&listed.raw_name);
        let (handle, info) = self.exactly(listed, "delete")?;
        self.may_go(handle, &info, &name)?;
        self.hash_again(handle, &info, permit)?;
        let (again, _) = self.exactly(listed, "delete")?;
        if again != handle {
            return Err(kept(Kind::Failed, &name, "it got another number meanwhile"));
        }
        match self.link.delete(handle) {
            Ok(()) => {}
            Err(trouble @ Trouble::Refused(_)) => {
                return Err(trouble.about(&format!("delete {name}")));
            }
            Err(Trouble::Gone(why) | Trouble::Lost(why)) => {
                let message = format!(
                    "nobody knows whether {name} was deleted: {why}; dock the recorder again, the next listing tells"
                );
                return Err(PortError::new(Kind::Unknown, message));
            }
        }
        self.forget(listed);
        match self.link.info(handle) {
            Err(trouble) if is_missing(&trouble) => Ok(()),
            Ok(now) if now == info => {
                let why = "the recorder says that it deleted it, and still shows it";
                Err(kept(Kind::Failed, &name, why))
            }
            // Whatever has its number now, or no answer: the fresh listing says what went.
            _ => Ok(()),
        }
    }

    /// What can never be let go of this way, whatever a permit says.
    fn may_go(&self, handle: u32, info: &Info, name: &str) -> PortResult<()> {
        // A folder goes with everything in it, and these numbers stand for everything there is.
        if !is_one_object(handle) || info.is_folder() || info.association != 0 {
            return Err(kept(Kind::Invalid, name, "it stands for more than one file"));
        }
        if info.protection != 0 {
            let why = "the recorder protects it; take the protection off on the recorder";
            return Err(kept(Kind::ReadOnly, name, why));
        }
        let store = self.link.store(info.store).map_err(|t| t.about(&format!("delete {name}")))?;
        if store.is_read_only {
            let why = "the recorder lets nothing be deleted (read-only); see its settings";
            return Err(kept(Kind::ReadOnly, name, why));
        }
        Ok(())
    }

    fn hash_again(&self, handle: u32, info: &Info, permit: &WipePermit) -> PortResult<()> {
        let name = naming::display(&info.name);
        let doing = format!("read {name} once more before it is deleted");
        let (mut hash, mut block) = (WholeHash::new(false), Block::new(BLOCK_BYTES));
        let mut offset = 0;
        loop {
            let read = self.link.read((handle, info.size), offset, block.room());
            let filled = read.map_err(|t| t.about(&doing))?;
            block.set_filled(filled);
            hash.update(block.bytes());
            offset += filled as u64;
            if filled < block.capacity() {
                break;
            }
        }
        let goes_on = self.link.goes_on(handle, info.size).map_err(|t| t.about(&doing))?;
        let whole = hash.finish();
        if goes_on || whole.size() != info.size || whole.sha256() != permit.sha256() {
            let why = "its bytes are other ones than those in custody; dock it again";
            return Err(kept(Kind::Failed, &name, why));
        }
        Ok(())
    }
}

fn kept(kind: Kind, name: &str, why: &str) -> PortError {
    PortError::new(kind, format!("{name} was not deleted: {why}"))
}
