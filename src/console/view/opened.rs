//! Viewings that go on. Each belongs to one person, in one browser session; a task asks the right of each again several
//! times a second and ends what has lost it.

use super::maker::{Ffmpeg, Maker};
use crate::console::Room;
use crate::exit::{CliError, Exit};
use crate::wire::footage;
use sealdock_chain::Digest;
use sealdock_core::id::{ClipId, PersonId};
use sealdock_core::says;
use sealdock_core::why::Why;
use sealdock_probe::view::Seen;
use sealdock_station::viewing::Showing;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Rights are asked again this often.
const LOOK: Duration = Duration::from_millis(200);
/// A page that has gone comes back within this, or the viewing ends.
const GONE: Duration = Duration::from_secs(20);
/// How long the reason of an end is kept for the page.
const TOLD: Duration = Duration::from_secs(60);
/// At once, of one person and of all.
const OF_ONE_MAX: usize = 4;
const ALL_MAX: usize = 40;
/// Pieces that are made at once, and that wait for it.
const MAKING_MAX: usize = 2;
const WAITING_MAX: usize = 24;
/// Of one viewing, being made or waiting: the others have their turn, too.
const OF_VIEWING_MAX: usize = 2;

/// How a viewing stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Its bytes are held against the record; per cent.
    Proving(u8),
    Ready(Seen),
    /// Why: the record keeps its English, the page says its own.
    Ended(CliError),
}

/// A file that was proven, as the kernel knows it: what is written to it, or put in its place, changes one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Identity([i64; 7]);

impl Identity {
    fn of(file: &File) -> std::io::Result<Identity> {
        let m = file.metadata()?;
        let own = [m.dev(), m.ino(), m.size()].map(u64::cast_signed);
        let times = [m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec()];
        Ok(Identity([own[0], own[1], own[2], times[0], times[1], times[2], times[3]]))
    }
}

/// One viewing.
pub struct Opened {
    pub showing: Showing,
    /// SHA-256 of what the browser holds in which it was opened.
    session: Digest,
    stage: watch::Sender<Stage>,
    identity: OnceLock<Identity>,
    asked: Mutex<Instant>,
    pieces: Arc<Semaphore>,
}

/// All of them, and who makes the pictures.
pub struct Views {
    pub maker: Result<Box<dyn Maker>, Why>,
    all: Mutex<HashMap<u64, Arc<Opened>>>,
    /// Files whose every byte was held against the record since the station started.
    proven: Mutex<HashSet<(Digest, Identity)>>,
    making: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Views {
    /// With `ffmpeg`, if the machine has it.
    pub fn real() -> Views {
        match Ffmpeg::find() {
            Ok(found) => {
                tracing::info!(version = found.version(), "ffmpeg makes the viewing pictures");
                Views::new(Ok(Box::new(found)))
            }
            Err(why) => {
                tracing::warn!("no footage can be viewed: {why}");
                Views::new(Err(why))
            }
        }
    }

    pub fn new(maker: Result<Box<dyn Maker>, String>) -> Views {
        Views {
            maker: maker.map_err(|why| {
                says!(
                    "没有可用的 ffmpeg，录像只经它显示；请系统操作员运行 apt-get install ffmpeg，再重新启动采集站服务",
                    "{why}"
                )
            }),
            all: Mutex::default(),
            proven: Mutex::default(),
            making: Arc::new(Semaphore::new(MAKING_MAX)),
            waiting: AtomicUsize::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Opened>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that go on.
    pub fn running(&self) -> usize {
        self.lock().values().filter(|one| !one.has_ended()).count()
    }

    /// Why no further one is opened; asked before anything is spent.
    pub fn no_room(&self, person: &PersonId) -> Option<Why> {
        let all = self.lock();
        let running = || all.values().filter(|one| !one.has_ended());
        let own = running().filter(|one| one.showing.person() == person).count();
        if own >= OF_ONE_MAX {
            return Some(says!(
                "{person} 已打开 {own} 次查阅；请先结束其中一次",
                "{person} has {own} viewings open; end one of them first"
            ));
        }
        (running().count() >= ALL_MAX).then(|| {
            says!("打开的查阅太多；请先结束一次", "too many viewings are open; end one first")
        })
    }

    pub fn take_in(&self, showing: Showing, session: Digest) -> Arc<Opened> {
        let opened = Arc::new(Opened {
            showing,
            session,
            stage: watch::Sender::new(Stage::Proving(0)),
            identity: OnceLock::new(),
            asked: Mutex::new(Instant::now()),
            pieces: Arc::new(Semaphore::new(OF_VIEWING_MAX)),
        });
        self.lock().insert(opened.showing.seq(), Arc::clone(&opened));
        opened
    }

    /// The viewing of that entry, for the very person and browser session that opened it, and of no other clip.
    pub fn of(&self, entry: u64, clip: ClipId, by: (&PersonId, Digest)) -> Option<Arc<Opened>> {
        let opened = self.lock().get(&entry).cloned()?;
        let same = opened.showing.clip() == clip
            && opened.showing.person() == by.0
            && opened.session == by.1;
        same.then_some(opened)
    }

    /// A turn to make a piece; `None` where too many wait already.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        struct Waits<'a>(&'a AtomicUsize);
        impl Drop for Waits<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waits = Waits(&self.waiting);
        if before >= WAITING_MAX {
            return None;
        }
        Arc::clone(&self.making).acquire_owned().await.ok()
    }
}

impl Opened {
    pub fn stage(&self) -> Stage {
        self.stage.borrow().clone()
    }

    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    pub fn has_ended(&self) -> bool {
        matches!(*self.stage.borrow(), Stage::Ended(_))
    }

    fn asked(&self) -> MutexGuard<'_, Instant> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn among the pieces of this viewing; `None` where enough of them are on their way.
    pub fn own_turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.pieces).try_acquire_owned().ok()
    }

    /// Somebody asked for something of it.
    pub fn touch(&self) {
        *self.asked() = Instant::now();
    }

    /// The file, if it is still the one that was proven.
    ///
    /// # Errors
    /// It is gone, or was touched since.
    pub fn file(&self, room: &Room) -> Result<File, CliError> {
        let clip = self.showing.clip();
        let file = footage(&room.open.home, self.showing.sha256()).map_err(|e| unread(clip, &e))?;
        let now = Identity::of(&file).map_err(|e| unread(clip, &e))?;
        match self.identity.get() == Some(&now) {
            true => Ok(file),
            false => Err(failed(&says!(
                "视频 {clip} 的文件在核对之后被动过",
                "the file of clip {clip} was touched since it was proven"
            ))),
        }
    }

    /// Holds every byte against the record and looks at what can be shown. In a thread where waiting is no harm.
    pub fn make_ready(&self, room: &Room) {
        match self.ready(room) {
            Ok(seen) => {
                self.stage.send_if_modified(|stage| {
                    let goes_on = !matches!(stage, Stage::Ended(_));
                    if goes_on {
                        *stage = Stage::Ready(seen);
                    }
                    goes_on
                });
            }
            Err(e) => self.end(room, &e),
        }
    }

    fn ready(&self, room: &Room) -> Result<Seen, CliError> {
        let (sha256, clip) = (self.showing.sha256(), self.showing.clip());
        let open = || {
            let file = footage(&room.open.home, sha256).map_err(|e| unread(clip, &e))?;
            let identity = Identity::of(&file).map_err(|e| unread(clip, &e))?;
            Ok::<_, CliError>((file, identity))
        };
        let (_, before) = open()?;
        let views = &room.views;
        let proven = || views.proven.lock().unwrap_or_else(PoisonError::into_inner);
        let known = proven().contains(&(sha256, before));
        room.open.station.prove_shown(&self.showing, known, |read, size| {
            let percent = u8::try_from(read * 100 / size.max(1)).unwrap_or(100);
            self.stage.send_if_modified(|stage| {
                let moves = matches!(stage, Stage::Proving(last) if *last < percent);
                if moves {
                    *stage = Stage::Proving(percent);
                }
                moves
            });
        })?;
        let (file, after) = open()?;
        if after != before {
            return Err(failed(&says!(
                "视频 {clip} 的文件在核对时被动过",
                "the file of clip {clip} was touched while it was read"
            )));
        }
        proven().insert((sha256, after));
        let _ = self.identity.set(after);
        let maker = views.maker.as_ref().map_err(failed)?;
        maker.look(file).map_err(|why| {
            tracing::warn!(%clip, "a clip cannot be shown: {why}");
            failed(&says!(
                "视频 {clip} 无法显示：其中没有能放映的画面或声音；原因见系统日志",
                "clip {clip} cannot be shown: {why}"
            ))
        })
    }

    /// Ends it: from here on nothing leaves; what was shown goes into the record.
    pub fn end(&self, room: &Room, why: &CliError) {
        // The page first: it blanks while the entry is written.
        self.stage.send_if_modified(|stage| {
            let goes_on = !matches!(stage, Stage::Ended(_));
            if goes_on {
                *stage = Stage::Ended(why.clone());
            }
            goes_on
        });
        self.touch();
        let written = room.counted_even_stopping(|| {
            Ok(room.open.station.end_showing(&self.showing, &why.message)?)
        });
        if let Err(e) = written {
            let seq = self.showing.seq();
            tracing::error!(
                "the end of viewing {seq} is not in the record: {e}; what was announced counts as seen"
            );
        }
    }

    /// Why it may not go on.
    fn over(&self, room: &Room) -> Option<CliError> {
        if room.open.docks.stopping().has_begun() {
            return Some(over(&says!("采集站已停止", "the station stopped")));
        }
        match crate::console::signed::still(room, &self.session, self.showing.person()) {
            Ok(true) => {}
            Ok(false) => return Some(over(&says!("已退出登录", "signed out"))),
            Err(e) => {
                return Some(over(&says!(
                    "无法判断谁已登录；原因见系统日志",
                    "nobody can tell who is signed in: {e}"
                )));
            }
        }
        if let Err(e) = room.open.station.still_shown(&self.showing) {
            return Some(e.into());
        }
        let left = self.stage.receiver_count() == 0 && self.asked().elapsed() > GONE;
        left.then(|| over(&says!("页面已关闭", "the page was closed")))
    }
}

/// An end that is no fault.
pub fn over(why: &Why) -> CliError {
    CliError::of_rule(Exit::Refused, why)
}

fn failed(why: &Why) -> CliError {
    CliError::of_rule(Exit::Failed, why)
}

fn unread(clip: ClipId, e: &dyn std::fmt::Display) -> CliError {
    tracing::warn!(%clip, "a clip cannot be read: {e}");
    failed(&says!("视频 {clip} 的文件读不出；原因见系统日志", "clip {clip} cannot be opened: {e}"))
}

/// Asks every right again, for ever.
pub async fn keep_watch(room: Arc<Room>) {
    let mut turn = tokio::time::interval(LOOK);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        if room.views.lock().is_empty() {
            continue;
        }
        let looked = room.aside(|room| {
            look_at_all(room);
            Ok(())
        });
        if let Err(e) = looked.await {
            tracing::error!("the rights of open viewings could not be asked again: {e}");
        }
    }
}

/// One look at all of them.
pub fn look_at_all(room: &Room) {
    let all: Vec<Arc<Opened>> = room.views.lock().values().cloned().collect();
    for opened in all {
        if opened.has_ended() {
            if opened.asked().elapsed() > TOLD {
                room.views.lock().remove(&opened.showing.seq());
            }
        } else if let Some(why) = opened.over(room) {
            opened.end(room, &why);
        }
    }
}
