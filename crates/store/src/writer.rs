//! The writer thread: takes every decision that waits, up to a limit, into one batch.

use crate::batch::{Wish, Writer};
use crate::gate::unknown;
use sealdock_core::ports::{Appended, Kind, PortError, PortResult, Refusal};
use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

/// Decisions that share one transaction and one head.
const BATCH_MAX: usize = 256;

/// Decisions that may wait before callers are held back.
const QUEUE_MAX: usize = 1024;

pub(crate) type Answer = PortResult<Result<Appended, Refusal>>;

/// What the thread is asked to do.
enum Errand {
    Decide(Wish, Sender<Answer>),
    Settle(Sender<PortResult<()>>),
}

/// The way to the writer thread. Dropping it ends the thread after what is under way.
pub(crate) struct Desk {
    errands: Mutex<Option<SyncSender<Errand>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Desk {
    pub(crate) fn open(writer: Writer) -> PortResult<Desk> {
        let (errands, inbox) = mpsc::sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || serve(writer, &inbox))
            .map_err(|error| {
                let text = format!("cannot start the writer thread: {error}; free some memory");
                PortError::new(Kind::Failed, text)
            })?;
        Ok(Desk { errands: Mutex::new(Some(errands)), thread: Mutex::new(Some(thread)) })
    }

    pub(crate) fn decide(&self, wish: Wish) -> Answer {
        let (reply, answer) = mpsc::channel();
        self.send(Errand::Decide(wish, reply))?;
        answer.recv().map_err(|_| gone())?
    }

    /// The newest head is in its table when this returns.
    pub(crate) fn settle(&self) -> PortResult<()> {
        let (reply, answer) = mpsc::channel();
        self.send(Errand::Settle(reply))?;
        answer.recv().map_err(|_| gone())?
    }

    fn send(&self, errand: Errand) -> PortResult<()> {
        let sender = self.errands.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sender.and_then(|sender| sender.send(errand).ok()).ok_or_else(gone)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.errands.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer thread panicked; the next start recovers");
        }
    }
}

fn gone() -> PortError {
    unknown("the writer thread is gone")
}

fn serve(mut writer: Writer, inbox: &Receiver<Errand>) {
    let mut wishes = VecDeque::new();
    let mut replies = VecDeque::new();
    let mut settlers = Vec::new();
    while let Ok(first) = inbox.recv() {
        let more = std::iter::from_fn(|| inbox.try_recv().ok());
        for errand in std::iter::once(first).chain(more.take(BATCH_MAX - 1)) {
            match errand {
                Errand::Decide(wish, reply) => {
                    wishes.push_back(wish);
                    replies.push_back(reply);
                }
                Errand::Settle(reply) => settlers.push(reply),
            }
        }
        while !wishes.is_empty() {
            let outcome = writer.batch(&mut wishes);
            answer(outcome, &mut wishes, &mut replies);
        }
        for settler in settlers.drain(..) {
            // Whoever asked may have gone.
            let _gone = settler.send(writer.settle());
        }
    }
    if let Err(error) = writer.settle() {
        tracing::warn!(%error, "the newest head stays in the head file until the next start");
    }
}

fn answer(
    outcome: crate::batch::Outcome,
    wishes: &mut VecDeque<Wish>,
    replies: &mut VecDeque<Sender<Answer>>,
) {
    match outcome {
        Ok((verdicts, head)) => {
            for (verdict, reply) in
                verdicts.into_iter().zip(replies.drain(..replies.len() - wishes.len()))
            {
                let appended = |entries| Appended { entries, head: (*head).clone() };
                let _gone = reply.send(verdict.map(|decided| decided.map(appended)));
            }
        }
        Err(error) => {
            wishes.clear();
            for reply in replies.drain(..) {
                let _gone = reply.send(Err(error.clone()));
            }
        }
    }
}
