//! Pages at half a metre.

use crate::rooms::{Block, Cell, Input, timeline};
use crate::words::rooms as r;
use crate::words::{self as w, Word};
use crate::{Drawn, Frame, Lang};
use askama::Template;

/// A page in the frame of the desk.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident, $path:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Template)]
        #[template(path = $path)]
        pub struct $name {
            pub frame: Frame,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $name {
            /// The whole page.
            ///
            /// # Errors
            /// Never but for a fault in a template.
            pub fn draw(&self) -> Drawn {
                self.render()
            }
        }
    };
}

pub(crate) use page;

/// A fact with its name.
pub type Fact = (Word, String);

page! {
    /// Person and PIN.
    SignIn, "sign_in.html" {
        /// Why the last try did not work; or what was done, and now wants a sign-in.
        said: Option<(bool, String)>,
        /// Where to go then; an address of ours.
        to: String,
        /// A passkey is demanded of whoever holds a duty.
        passkey: bool,
    }
}

/// A figure that leads to what it counts.
#[derive(Debug, Clone)]
pub struct Figure {
    pub word: Word,
    pub value: String,
    pub href: Option<&'static str>,
    /// Wants attention.
    pub calls: bool,
}

page! {
    /// One look at the whole station.
    Overview, "overview.html" {
        figures: Vec<Figure>,
        /// Each with where it is dealt with, if on a page.
        alarms: Vec<(Option<String>, String)>,
        sessions: Vec<SessionRow>,
    }
}

/// What clips are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub day: String,
    pub officer: String,
    pub recorder: String,
    pub marked: bool,
    pub late: bool,
    pub unassigned: bool,
    pub department: String,
    pub class: String,
    pub case: String,
    pub step: String,
    /// What can be chosen: value and name.
    pub departments: Vec<(String, String)>,
    pub classes: Vec<(String, String)>,
}

impl Filter {
    /// Is anything asked for that lies folded?
    fn rarer(&self) -> bool {
        let texts = [&self.recorder, &self.class, &self.case, &self.step];
        self.marked || self.late || self.unassigned || texts.iter().any(|text| !text.is_empty())
    }
}

#[derive(Debug, Clone)]
pub struct ClipRow {
    pub clip: String,
    pub recorded: String,
    pub name: String,
    pub size: String,
    pub recorder: String,
    pub officer: String,
    pub marked: bool,
    pub unassigned: bool,
}

page! {
    /// Clips that fit.
    Clips, "clips.html" {
        filter: Filter,
        rows: Vec<ClipRow>,
        /// Address of the next page.
        next: Option<String>,
        said: Option<String>,
    }
}

/// One entry of a life, or what is missing in it.
#[derive(Debug, Clone)]
pub struct Moment {
    pub entry: Option<u64>,
    pub at: String,
    /// The same moment in UTC, for the details.
    pub utc: String,
    pub by: String,
    pub what: String,
    pub gap: bool,
    /// How long a gap is, where it is a stretch of time.
    pub length: String,
    /// A gap that nobody has to explain.
    pub usual: bool,
}

page! {
    /// One clip, from recording to today.
    Clip, "clip.html" {
        clip: String,
        facts: Vec<Fact>,
        life: Vec<Moment>,
        /// The zone of its times.
        zone: String,
        /// Gaps that somebody has to explain.
        gaps: usize,
        /// Said after the proof was asked for: does it hold, and in which words.
        proof: Option<(bool, String)>,
        /// How long it is kept, where it belongs, what can be done about it.
        blocks: Vec<Block>,
        /// What the last form came to.
        said: Option<(bool, String)>,
    }
}

impl Clip {
    /// What there is to read, before the proof.
    fn read(&self) -> Vec<Block> {
        self.blocks.iter().filter(|block| !matches!(block, Block::Form(_))).cloned().collect()
    }

    /// What can be done, below all that there is to read.
    fn acts(&self) -> Vec<Block> {
        self.blocks.iter().filter(|block| matches!(block, Block::Form(_))).cloned().collect()
    }
}

#[derive(Debug, Clone)]
pub struct SessionRow {
    pub session: String,
    pub opened: String,
    pub bay: String,
    pub recorder: String,
    pub officer: String,
    pub summary: String,
}

page! {
    /// The newest sessions.
    Sessions, "sessions.html" {
        rows: Vec<SessionRow>,
    }
}

/// How often and how long an approved request counts: what the policy says if nobody says otherwise, and at most.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub times: u32,
    pub times_max: u32,
    pub days: u32,
    pub days_max: u32,
}

/// A request that waits for a decision.
#[derive(Debug, Clone)]
pub struct Ask {
    pub id: String,
    pub title: String,
    pub facts: Vec<Fact>,
    /// Clips that are asked for: their page, and what they are.
    pub clips: Vec<(String, String)>,
    /// What an approval may grant; none where there is nothing to choose.
    pub terms: Option<Terms>,
    /// Whoever reads this page cannot be the one to decide: the rules would refuse it from them.
    pub own: bool,
}

page! {
    /// Everything that waits for a decision.
    Approvals, "approvals.html" {
        access: Vec<Ask>,
        uses: Vec<Ask>,
        /// What waits on other pages for whoever looks: address, words.
        others: Vec<(String, String)>,
        /// Was it done, and in which words.
        said: Option<(bool, String)>,
    }
}

page! {
    /// Recorders: asked for, handed out, brought back.
    Uses, "uses.html" {
        /// Recorders that were taken away before everything was taken, in sentences.
        early: Vec<String>,
        /// Recorders that the reader may ask for.
        free: Vec<String>,
        waits: Vec<Ask>,
        approved: Vec<Ask>,
        /// The newest that are over.
        back: Vec<Ask>,
        /// Taken without approval, and not answered; `own` where the reader cannot.
        breaches: Vec<Ask>,
        out: Vec<Ask>,
        /// Recorders reported faulty, and why.
        faulty: Vec<(String, String)>,
        /// Hands out and takes back.
        clerk: bool,
        said: Option<(bool, String)>,
    }
}

page! {
    /// The receipt of the head, for the drawer.
    HeadReceipt, "head_receipt.html" {
        code: (usize, String),
        receipt: String,
    }
}

page! {
    /// One sentence, where there is no page.
    Said, "said.html" {
        title: Word,
        text: String,
    }
}

/// Rooms that belong together.
pub(crate) struct Group {
    pub name: &'static str,
    pub to: &'static str,
    pub here: bool,
    /// Address, name, whether this page is there.
    pub rooms: Vec<(&'static str, &'static str, bool)>,
}

impl Frame {
    pub(crate) fn is_at(&self, page: &str) -> bool {
        if page == "/admin" {
            let below = [
                "/people",
                "/departments",
                "/recorders",
                "/places",
                "/shifts",
                "/policy",
                "/import",
            ];
            return below.into_iter().chain([page]).any(|page| self.is_within(page));
        }
        // Who may not look yet asks.
        self.is_within(page) || (page == "/view" && self.is_within("/asks"))
    }

    fn is_within(&self, page: &str) -> bool {
        self.here == page
            || self.here.strip_prefix(page).is_some_and(|rest| rest.starts_with(['/', '?']))
    }

    /// Rooms of whoever signed in, by group; an officer's few stand each by itself.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let own: &[&[(&'static str, Word)]] = &[
            &[("/clips", w::ALL_CLIPS), ("/view", w::view::ROOM), ("/calendar", r::CALENDAR)],
            &[("/cases", r::CASES)],
            &[("/uses", w::USES)],
        ];
        let all: &[(Word, &[(&'static str, Word)])] = &[
            (
                r::TODAY,
                &[
                    ("/desk", w::OVERVIEW),
                    ("/sessions", w::SESSIONS),
                    ("/uses", w::USES),
                    ("/approvals", w::APPROVALS),
                ],
            ),
            (
                r::FOOTAGE,
                &[
                    ("/clips", w::ALL_CLIPS),
                    ("/view", w::view::ROOM),
                    ("/calendar", r::CALENDAR),
                    ("/cases", r::CASES),
                    ("/copies", r::COPIES_OUT),
                ],
            ),
            (r::KEEPING, &[("/holds", r::HOLDS), ("/disposal", r::DISPOSAL)]),
            (
                r::OVERSIGHT,
                &[
                    ("/checks", r::CHECKS),
                    ("/statistics", r::STATISTICS),
                    ("/registers", r::REGISTERS),
                    ("/evidence", w::EVIDENCE_ROOM),
                    ("/admin", w::admin::ADMIN),
                ],
            ),
        ];
        match &self.me {
            None => Vec::new(),
            Some(me) if me.reads_all => {
                all.iter().map(|(name, rooms)| self.group(*name, rooms)).collect()
            }
            Some(_) => own.iter().map(|rooms| self.group(rooms[0].1, rooms)).collect(),
        }
    }

    fn group(&self, name: Word, rooms: &[(&'static str, Word)]) -> Group {
        let t = |word| self.lang.t(word);
        let rooms: Vec<_> =
            rooms.iter().map(|(to, name)| (*to, t(*name), self.is_at(to))).collect();
        let here = rooms.iter().any(|(.., here)| *here);
        Group { name: t(name), to: rooms[0].0, here, rooms }
    }

    /// Requests that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.me.as_ref().map_or(0, |me| me.waiting)
    }

    pub(crate) fn other(&self) -> Lang {
        self.lang.other()
    }
}

#[cfg(test)]
mod tests;
