//! Every page of the console, with an address of it. `tests/tidy` holds this against the routes, so that a new page is
//! measured as well.

/// Whose session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Nobody,
    Officer,
    Clerk,
    Approver,
    Auditor,
    UnitHead,
    Operator,
    /// At the kiosk, with number and PIN.
    AtKiosk,
    /// Another system, with a token.
    System,
}

/// A page, and where it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// As the router has it.
    pub route: &'static str,
    /// `{…}` is filled in by the benchmark.
    pub path: &'static str,
    pub who: Who,
}

const fn page(route: &'static str, path: &'static str, who: Who) -> Page {
    Page { route, path, who }
}

/// The same, where the address is the route.
const fn same(route: &'static str, who: Who) -> Page {
    Page { route, path: route, who }
}

use Who::{Approver, AtKiosk, Auditor, Clerk, Nobody, Officer, Operator, System, UnitHead};

pub const PAGES: &[Page] = &[
    same("/", Nobody),
    same("/sign-in", Nobody),
    same("/kiosk", Nobody),
    same("/kiosk/dock", Nobody),
    same("/kiosk/who", Nobody),
    same("/kiosk/take", AtKiosk),
    same("/kiosk/return", AtKiosk),
    same("/kiosk/explain", AtKiosk),
    same("/kiosk/mine", AtKiosk),
    page("/kiosk/receipt/{session}", "/kiosk/receipt/{session}", AtKiosk),
    same("/desk", Clerk),
    same("/desk", UnitHead),
    same("/clips", Clerk),
    same("/clips", Officer),
    page("/clips", "/clips?after={middle}", Auditor),
    page("/clips", "/clips?day={day}", Clerk),
    page("/clips", "/clips?day={day}&marked=1", Clerk),
    page("/clips", "/clips?officer=o77", Clerk),
    page("/clips", "/clips?recorder=R77", Clerk),
    page("/clips", "/clips?recorder=R77&officer=o77", Clerk),
    page("/clips", "/clips?officer=o77&day={day}", Clerk),
    page("/clips", "/clips?marked=1", Auditor),
    page("/clips", "/clips?late=1", Auditor),
    page("/clips", "/clips?unassigned=1", Clerk),
    page("/clips", "/clips?marked=1&late=1&unassigned=1", Clerk),
    page("/clips", "/clips?department=d7", Clerk),
    // Nobody is in it: whatever is looked through, nothing fits.
    page("/clips", "/clips?department=empty", Clerk),
    page("/clips", "/clips?class=ordinary", Clerk),
    page("/clips", "/clips?class=evidence", Clerk),
    page("/clips", "/clips?class=~", Clerk),
    page("/clips", "/clips?class=~&department=empty", Clerk),
    page("/clips", "/clips?case={case}", Approver),
    page("/clips/{clip}", "/clips/{clip}", Clerk),
    page("/clips/{clip}", "/clips/{clip}?prove=1", Auditor),
    same("/view", Approver),
    page("/view/{clip}", "/view/{clip}", Officer),
    same("/asks", Officer),
    same("/calendar", Clerk),
    same("/calendar", Officer),
    page("/calendar", "/calendar?month={month}", Clerk),
    page("/calendar", "/calendar?day={day}", Auditor),
    page("/calendar", "/calendar?day={day}&officer=o77", Auditor),
    same("/cases", Clerk),
    same("/cases", Officer),
    page("/cases/{matter}", "/cases/{case}", Approver),
    page("/cases/{matter}/correct", "/cases/{case}/correct", Clerk),
    same("/sessions", Clerk),
    page("/sessions/{session}", "/sessions/{session}", Clerk),
    same("/uses", Clerk),
    same("/uses", Officer),
    same("/approvals", Approver),
    same("/holds", Clerk),
    page("/holds/{hold}", "/holds/{hold}", Approver),
    same("/disposal", Clerk),
    same("/checks", Auditor),
    page("/checks/{check}", "/checks/{check}", Auditor),
    same("/copies", Clerk),
    page("/copies/{access}", "/copies/{access}", Clerk),
    same("/registers", Auditor),
    page("/registers/{name}", "/registers/roster", Auditor),
    page("/registers/{name}", "/registers/archive", Auditor),
    page("/registers/{name}", "/registers/archive?from={day}&until={day}", Auditor),
    page("/registers/{name}", "/registers/viewings", Auditor),
    page("/registers/{name}", "/registers/lateness", Auditor),
    page("/registers/{name}", "/registers/use", Auditor),
    page("/registers/{name}", "/registers/unreturned", Auditor),
    page("/registers/{name}", "/registers/hours", Auditor),
    page("/registers/{name}", "/registers/hours?department=d7", Auditor),
    page("/registers/{name}", "/registers/interruptions", Auditor),
    page("/registers/{name}", "/registers/unexplained", Auditor),
    page("/registers/{name}", "/registers/ratio", Auditor),
    page("/registers/{name}", "/registers/checks", Auditor),
    page("/registers/{name}", "/registers/findings", Auditor),
    page("/registers/{name}", "/registers/without-case", Auditor),
    page("/registers/{name}", "/registers/drills", Auditor),
    same("/statistics", Auditor),
    same("/statistics", UnitHead),
    same("/evidence", Auditor),
    same("/evidence/receipt", Auditor),
    same("/admin", Operator),
    same("/pin", Clerk),
    same("/people", UnitHead),
    page("/people", "/people?find=o1999", UnitHead),
    page("/people/{id}", "/people/c1", UnitHead),
    same("/departments", UnitHead),
    same("/recorders", Clerk),
    page("/recorders/{id}", "/recorders/R77", Clerk),
    same("/places", Operator),
    same("/shifts", Clerk),
    same("/policy", UnitHead),
    page("/import/{subject}", "/import/people", Clerk),
    page("/import/{subject}", "/import/recorders", Clerk),
    page("/import/{of}/template.csv", "/import/people/template.csv", Clerk),
    same("/metrics", System),
    same("/api/v1/openapi.json", System),
    same("/api/v1/status", System),
    same("/api/v1/head", System),
    same("/api/v1/entries", System),
    page("/api/v1/clips", "/api/v1/clips?limit=1000", System),
    page("/api/v1/clips", "/api/v1/clips?day={day}", System),
    page("/api/v1/clips/{id}", "/api/v1/clips/{clip}", System),
    same("/api/v1/sessions", System),
    page("/api/v1/sessions/{id}", "/api/v1/sessions/{session}", System),
    same("/api/v1/recorders", System),
    same("/api/v1/people", System),
];

/// Routes that are no page, or one that is there after something was done; each with why it has no number here.
pub const OTHERS: &[(&str, &str)] = &[
    ("/live", "the stream of the wall: measured by its watchers"),
    ("/view/{clip}/{entry}", "measured as the first picture"),
    ("/view/{clip}/{entry}/live", "measured as the first picture"),
    ("/view/{clip}/{entry}/piece/{n}", "measured as the first picture"),
    ("/view/{clip}/{entry}/thumb/{n}", "a picture that ffmpeg makes"),
    ("/kiosk/confirm", "names a recorder that waits in a bay"),
    ("/kiosk/begun", "says what a form came to"),
    ("/kiosk/done", "says what a form came to"),
    ("/kiosk/ask", "names a recorder that may be asked for"),
    ("/kiosk/fault", "names a use that is approved"),
    ("/uses/unticked", "asks back about a form"),
    ("/disposal/{plan}", "there is no plan"),
    ("/registers/{name}/{as}", "a file, as long as it is: no page"),
    ("/language", "sets a cookie"),
    ("/passkey/state", "asked by a script, of the page's own door; there with the feature"),
    ("/static/{name}", "weighed, not timed: style and scripts"),
];
