//! The console's pages: facts in, HTML out. Pure: no clock, no file, no station; `src/console/` of the root finds the facts
//! and answers the browser. Everything from outside is escaped by the templates. `docs/design/console.md`.

/// People, recorders, policy, places.
pub mod admin;
/// Style and script.
pub mod assets;
/// Pages at half a metre: signing in, overview, lists, one clip, approvals.
pub mod desk;
/// The first run: a station that is not there yet.
pub mod first;
/// Pages at arm's length.
pub mod kiosk;
/// Pages made of tables, forms and drawings: cases, keeping, checks, copies, registers.
pub mod rooms;
/// Bytes, counts, durations as people read them.
pub mod show;
/// Pages that show footage.
pub mod view;
/// The page that hangs on the wall.
pub mod wall;
/// Every word of the console, in both languages.
pub mod words;

pub use words::Lang;

/// A page that could not be drawn. Templates write into memory, so it never happens but for a fault of ours.
pub type Drawn = Result<String, askama::Error>;

/// What every page knows of its reader.
#[derive(Debug, Clone)]
pub struct Frame {
    pub lang: Lang,
    /// Address of this page, for the switch of the language.
    pub here: String,
    /// Unit of the station.
    pub unit: String,
    /// Whoever signed in.
    pub me: Option<Me>,
}

/// Whoever signed in.
#[derive(Debug, Clone)]
pub struct Me {
    pub person: String,
    pub name: String,
    /// Token that a form of this session carries.
    pub token: String,
    /// Reads every register, not only their own.
    pub reads_all: bool,
    /// Requests that wait.
    pub waiting: usize,
}
