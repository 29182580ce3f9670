//! One conversation with one recorder, one question at a time. Answers are bounded before they are kept:
//! a recorder can say any length. After an answer that makes no sense nothing more is asked.

use crate::dataset::{About, Info, Nonsense, Reader, Store};
use futures_executor::block_on;
use mtp_rs::ptp::{OperationCode as Op, PtpError, PtpSession, ReceiveStream, ResponseCode};
use mtp_rs::transport::Transport;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most objects of one folder, and most lines of a listing.
pub const OBJECTS_MAX: usize = 1_000_000;
/// The longest answer about one thing, bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
const SESSION: u32 = 1;
/// Property of an object: its size in 64 bits.
const OBJECT_SIZE: u32 = 0xdc04;

const MORE: &str = "the recorder sends more bytes than it says that there are";

/// How a recorder deviates, as its profile says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkOptions {
    /// It says that it reads at 64-bit offsets, and is better not believed.
    pub no_partial64: bool,
}

/// Why there is no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The recorder said no.
    Refused(ResponseCode),
    /// It left, or nothing more may be asked of it.
    Gone(String),
    /// Nobody knows what became of the question.
    Lost(String),
}

impl Trouble {
    /// In a sentence about what could not be done.
    pub fn about(&self, doing: &str) -> PortError {
        let (kind, why) = match self {
            Trouble::Refused(ResponseCode::StoreReadOnly) => (
                Kind::ReadOnly,
                "the recorder lets nothing be deleted; see its settings".to_owned(),
            ),
            Trouble::Refused(ResponseCode::ObjectWriteProtected) => (
                Kind::ReadOnly,
                "the recorder protects it; take the protection off on the recorder".to_owned(),
            ),
            Trouble::Refused(ResponseCode::InvalidObjectHandle) => {
                (Kind::Missing, "it is not there".to_owned())
            }
            Trouble::Refused(code) => (Kind::Failed, format!("the recorder refuses ({code:?})")),
            Trouble::Gone(why) | Trouble::Lost(why) => {
                (Kind::Failed, format!("{why}; dock the recorder again"))
            }
        };
        PortError::new(kind, format!("cannot {doing}: {why}"))
    }
}

impl From<PtpError> for Trouble {
    fn from(e: PtpError) -> Trouble {
        match e {
            PtpError::Protocol { code, .. } => Trouble::Refused(code),
            PtpError::Disconnected | PtpError::NoDevice => {
                Trouble::Gone("the recorder was unplugged".into())
            }
            PtpError::DeviceReset => Trouble::Gone("the recorder had to be reset".into()),
            PtpError::Timeout => Trouble::Lost("the recorder does not answer".into()),
            other => Trouble::Lost(format!("the recorder cannot be understood: {other}")),
        }
    }
}

impl From<Nonsense> for Trouble {
    fn from(_: Nonsense) -> Trouble {
        Trouble::Lost("an answer of the recorder does not add up".into())
    }
}

pub type Answer<T> = Result<T, Trouble>;

/// The conversation; clones are the same one.
#[derive(Clone)]
pub struct Link(Arc<Mutex<Talk>>);

struct Talk {
    session: Arc<PtpSession>,
    about: About,
    options: LinkOptions,
    /// An object that is being sent whole; any other question ends it.
    stream: Option<Streaming>,
    /// Nothing more is asked; why.
    over: Option<String>,
}

struct Streaming {
    handle: u32,
    /// What comes next.
    offset: u64,
    carry: Vec<u8>,
    stream: ReceiveStream,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let talk = self.lock();
        write!(f, "Link({} operations, over: {:?})", talk.about.operations.len(), talk.over)
    }
}

impl Link {
    /// Opens a session; a session that somebody left open is closed first.
    ///
    /// # Errors
    /// The recorder does not answer, or not as one that speaks MTP.
    pub fn open(transport: Arc<dyn Transport>, options: LinkOptions) -> PortResult<Link> {
        let doing = "begin to speak MTP with the recorder";
        let opened = block_on(PtpSession::open(transport, SESSION));
        let session = Arc::new(opened.map_err(|e| Trouble::from(e).about(doing))?);
        let talk = Talk { session, about: About::default(), options, stream: None, over: None };
        let link = Link(Arc::new(Mutex::new(talk)));
        let about = link.ask_about().map_err(|trouble| trouble.about(doing))?;
        link.lock().about = about;
        Ok(link)
    }

    fn lock(&self) -> MutexGuard<'_, Talk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it said of itself at the beginning.
    pub fn about(&self) -> About {
        self.lock().about.clone()
    }

    /// Asks it again who it is: the shortest question to which only a recorder that is there has an answer.
    pub fn ask_about(&self) -> Answer<About> {
        let bytes = self.lock().ask((Op::GetDeviceInfo, &[]), ANSWER_BYTES_MAX)?;
        Ok(About::parse(&bytes)?)
    }

    pub fn stores(&self) -> Answer<Vec<u32>> {
        let bytes = self.lock().ask((Op::GetStorageIds, &[]), ANSWER_BYTES_MAX)?;
        Ok(Reader(&bytes).u32s()?)
    }

    pub fn store(&self, id: u32) -> Answer<Store> {
        let bytes = self.lock().ask((Op::GetStorageInfo, &[id]), ANSWER_BYTES_MAX)?;
        Ok(Store::parse(&bytes)?)
    }

    /// What lies in a folder of a store.
    pub fn children(&self, store: u32, folder: u32) -> Answer<Vec<u32>> {
        let question = (Op::GetObjectHandles, &[store, 0, folder][..]);
        let bytes = self.lock().ask(question, 4 * (OBJECTS_MAX + 1))?;
        Ok(Reader(&bytes).u32s()?)
    }

    /// What it says of one object, with its whole size where it tells that.
    pub fn info(&self, handle: u32) -> Answer<Info> {
        let mut talk = self.lock();
        let bytes = talk.ask((Op::GetObjectInfo, &[handle]), ANSWER_BYTES_MAX)?;
        let mut info = Info::parse(&bytes)?;
        if info.is_too_big() && !info.is_folder() {
            let question = (Op::GetObjectPropValue, &[handle, OBJECT_SIZE][..]);
            match talk.ask(question, ANSWER_BYTES_MAX) {
                Ok(bytes) => info.size = Reader(&bytes).u64()?,
                Err(Trouble::Refused(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(info)
    }

    /// Fills `room` from `offset`, in as many pieces as the recorder likes to make. Less than the room is
    /// the end, as the recorder has it.
    pub fn read(&self, (handle, size): (u32, u64), offset: u64, room: &mut [u8]) -> Answer<usize> {
        let mut talk = self.lock();
        let end = offset.saturating_add(room.len() as u64).min(size);
        let mut filled = 0;
        while offset + (filled as u64) < end {
            let at = offset + filled as u64;
            let wanted = (end - at) as usize;
            let part = &mut room[filled..filled + wanted];
            let count = match talk.way(handle, at, wanted, size) {
                Some((operation, params)) => talk.piece((operation, &params), part)?,
                None => talk.streamed((handle, size), at, part)?,
            };
            if count == 0 {
                break;
            }
            filled += count;
        }
        Ok(filled)
    }

    /// Deletes one object. Never a folder and never "everything": that is for the caller to see to.
    ///
    /// # Errors
    /// `Refused`: it is still there. Anything else: nobody knows, and nothing more is asked.
    pub fn delete(&self, handle: u32) -> Answer<()> {
        let mut talk = self.lock();
        let deleted = talk.order(Op::DeleteObject, &[handle, 0]);
        if let Err(Trouble::Gone(why) | Trouble::Lost(why)) = &deleted {
            talk.over = Some(format!("the answer to a deletion was lost ({why})"));
        }
        deleted
    }

    /// Does the object go on where it says that it ends?
    pub fn goes_on(&self, handle: u32, size: u64) -> Answer<bool> {
        let mut talk = self.lock();
        // Sent whole it is held against its size when it ends.
        let Some((operation, params)) = talk.way(handle, size, 1, size) else { return Ok(false) };
        match talk.piece((operation, &params), &mut [0]) {
            Ok(count) => Ok(count > 0),
            Err(Trouble::Refused(_)) => Ok(false),
            Err(trouble) => Err(trouble),
        }
    }

    pub fn property(&self, code: u16) -> Answer<Vec<u8>> {
        self.lock().ask((Op::GetDevicePropValue, &[code.into()]), ANSWER_BYTES_MAX)
    }

    pub fn set_property(&self, code: u16, value: &[u8]) -> Answer<()> {
        let mut talk = self.lock();
        talk.ready()?;
        let params = [code.into()];
        let sent = talk.session.execute_with_send(Op::SetDevicePropValue, &params, value);
        accepted(block_on(sent)?.code)
    }
}

fn accepted(code: ResponseCode) -> Answer<()> {
    match code {
        ResponseCode::Ok => Ok(()),
        code => Err(Trouble::Refused(code)),
    }
}

impl Talk {
    /// Before every question: is anything asked any more? What was being sent is given up.
    fn ready(&mut self) -> Answer<()> {
        self.stream = None;
        match &self.over {
            None => Ok(()),
            Some(why) => Err(Trouble::Gone(why.clone())),
        }
    }

    fn order(&mut self, operation: Op, params: &[u32]) -> Answer<()> {
        self.ready()?;
        accepted(block_on(self.session.execute(operation, params))?.code)
    }

    fn ask(&mut self, (operation, params): (Op, &[u32]), most: usize) -> Answer<Vec<u8>> {
        self.ready()?;
        let mut stream = block_on(self.session.execute_with_receive_stream(operation, params))?;
        let mut bytes = Vec::new();
        while let Some(chunk) = block_on(stream.next_chunk()) {
            bytes.extend_from_slice(&chunk?);
            if bytes.len() > most {
                return Err(self.too_much());
            }
        }
        Ok(bytes)
    }

    fn too_much(&mut self) -> Trouble {
        let why = "the recorder sends more than it was asked for".to_owned();
        self.over = Some(why.clone());
        Trouble::Gone(why)
    }

    /// How to ask for a part of an object; `None`: this recorder only sends it whole.
    fn way(&self, handle: u32, at: u64, wanted: usize, size: u64) -> Option<(Op, Vec<u32>)> {
        let has = |operation: Op| self.about.operations.contains(&operation.into());
        let wanted = u32::try_from(wanted).ok()?;
        if has(Op::GetPartialObject64) && !self.options.no_partial64 {
            let params = vec![handle, at as u32, (at >> 32) as u32, wanted];
            return Some((Op::GetPartialObject64, params));
        }
        // The whole object one way or the other: two ways in one object would send its beginning twice.
        let fits = u32::try_from(size).is_ok() && has(Op::GetPartialObject);
        fits.then(|| (Op::GetPartialObject, vec![handle, at as u32, wanted]))
    }

    fn piece(&mut self, question: (Op, &[u32]), part: &mut [u8]) -> Answer<usize> {
        let bytes = self.ask(question, part.len())?;
        part[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    /// The next bytes of an object that is sent whole; begun again where something came between.
    fn streamed(&mut self, (handle, size): (u32, u64), at: u64, part: &mut [u8]) -> Answer<usize> {
        let mut streaming = match self.take_stream(handle, at) {
            Some(open) => open,
            None => self.begin(handle, size)?,
        };
        while streaming.offset + (streaming.carry.len() as u64) <= at || streaming.carry.is_empty()
        {
            let skipped = (at - streaming.offset).min(streaming.carry.len() as u64);
            streaming.carry.drain(..skipped as usize);
            streaming.offset += skipped;
            match block_on(streaming.stream.next_chunk()) {
                Some(chunk) => streaming.carry.extend_from_slice(&chunk?),
                None => return Ok(0),
            }
        }
        streaming.carry.drain(..(at - streaming.offset) as usize);
        let count = part.len().min(streaming.carry.len());
        part[..count].copy_from_slice(&streaming.carry[..count]);
        streaming.carry.drain(..count);
        streaming.offset = at + count as u64;
        if streaming.offset < size {
            self.stream = Some(streaming);
        } else if !streaming.carry.is_empty() || block_on(streaming.stream.next_chunk()).is_some() {
            return Err(Trouble::Lost(MORE.into()));
        }
        Ok(count)
    }

    /// What is being sent, if it is this and has come so far. Anything else ends here: as long as it is
    /// kept, nothing else can be asked.
    fn take_stream(&mut self, handle: u32, at: u64) -> Option<Streaming> {
        self.stream.take().filter(|open| open.handle == handle && open.offset == at)
    }

    fn begin(&mut self, handle: u32, size: u64) -> Answer<Streaming> {
        self.ready()?;
        let params = [handle];
        let asked = self.session.execute_with_receive_stream_sized(Op::GetObject, &params, size);
        Ok(Streaming { handle, offset: 0, carry: Vec::new(), stream: block_on(asked)? })
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.stream = None;
        if self.over.is_none()
            && let Err(e) = block_on(self.session.execute(Op::CloseSession, &[]))
        {
            tracing::debug!("the session with an MTP recorder was not closed: {e}");
        }
    }
}
