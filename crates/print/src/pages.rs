//! A register of a year has hundreds of pages. typst keeps much more about a table than its pages,
//! so a sheet is laid out in volumes of some hundred rows, one after the other, and only the pages
//! are kept. A volume is cut where a page begins, so no page shows where volumes meet.
//!
//! How many pages there are is known at the end; page numbers are laid over the pages then.

use crate::fonts::Fonts;
use crate::values::Values;
use crate::world::Desk;
use crate::write::{PrintError, refused};
use sealdock_report::Sheet;
use std::ops::Range;
use typst::foundations::{Dict, NativeElement};
use typst::introspection::{Introspector, MetadataElem};
use typst::layout::{Abs, Frame, FrameItem, Point};
use typst_layout::{Page, PagedDocument};

/// Rows that are laid out at once.
const VOLUME_ROWS: usize = 250;

/// All pages of the sheet, numbered.
pub fn document(sheet: &Sheet, fonts: &Fonts) -> Result<PagedDocument, PrintError> {
    if sheet.columns.is_empty() {
        return Err(PrintError::Empty { title: sheet.title.to_string() });
    }
    let values = Values::new(sheet, fonts);
    let desk = Desk::new(fonts.load(&values.letters())?);
    let mut press = Press { sheet, values, desk };
    let mut pages: Vec<Page> = Vec::new();
    let mut info = None;
    let (mut from, mut rows) = (0usize, VOLUME_ROWS);
    loop {
        let range = from..from.saturating_add(rows).min(sheet.rows.len());
        let mut volume = press.lay_out(press.values.volume(range.clone()))?;
        info.get_or_insert_with(|| volume.info_mut().clone());
        if range.end == sheet.rows.len() {
            pages.extend(volume.pages().iter().map(bare));
            break;
        }
        match press.cut(&volume, &range) {
            Some((kept, next)) => {
                pages.extend(volume.pages()[..kept].iter().map(bare));
                (from, rows) = (next, VOLUME_ROWS);
            }
            // All in one page, or rows longer than pages: take more at once.
            None => rows *= 2,
        }
    }
    press.number(&mut pages)?;
    Ok(PagedDocument::new(pages.into(), info.unwrap_or_default()))
}

/// A page without the notes that say which element of the template made what, and without groups
/// that only group. Both keep the whole content of a volume in memory, and neither is on paper.
fn bare(page: &Page) -> Page {
    let mut frame = Frame::new(page.frame.size(), page.frame.kind());
    lift(&page.frame, Point::zero(), &mut frame);
    Page { frame, ..page.clone() }
}

fn lift(from: &Frame, by: Point, onto: &mut Frame) {
    for (at, item) in from.items() {
        match item {
            FrameItem::Tag(_) => {}
            FrameItem::Group(group) if group.clip.is_none() && group.transform.is_identity() => {
                lift(&group.frame, by + *at, onto);
            }
            item => onto.push(by + *at, item.clone()),
        }
    }
}

struct Press<'a> {
    sheet: &'a Sheet,
    values: Values<'a>,
    desk: Desk,
}

impl Press<'_> {
    fn lay_out(&mut self, inputs: Dict) -> Result<PagedDocument, PrintError> {
        self.desk.put(inputs);
        let result = typst::compile::<PagedDocument>(&self.desk).output;
        // What typst remembers of this volume is of no use to the next.
        typst::comemo::evict(0);
        result.map_err(|errors| refused(self.sheet, &errors))
    }

    /// The last page of a volume that begins with a new row: how many pages come before it, and
    /// which row that is. `None` if there is no such page after the first.
    fn cut(&self, volume: &PagedDocument, range: &Range<usize>) -> Option<(usize, usize)> {
        let introspector = volume.introspector();
        let begins = introspector.query(&MetadataElem::ELEM.select());
        let pages: Vec<usize> = begins
            .iter()
            .filter_map(|mark| introspector.page(mark.location()?))
            .map(|page| page.get())
            .collect();
        if pages.len() != range.len() {
            return None;
        }
        (1..pages.len())
            .rev()
            .find(|&at| pages[at] > pages[at - 1] && self.values.is_whole(range.start + at - 1))
            .map(|at| (pages[at] - 1, range.start + at))
    }

    /// Lays 第 x 页 / 共 y 页 over the lower right corner, where the foot leaves room.
    fn number(&mut self, pages: &mut [Page]) -> Result<(), PrintError> {
        let numbers = self.lay_out(self.values.numbers(pages.len()))?;
        for (page, number) in pages.iter_mut().zip(numbers.pages()) {
            let (paper, size) = (page.frame.size(), number.frame.size());
            let corner = Point::new(paper.x - Abs::mm(15.0) - size.x, paper.y - Abs::mm(17.0));
            page.frame.push_frame(corner, number.frame.clone());
        }
        Ok(())
    }
}
