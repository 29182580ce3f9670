//! Plots as charts of the spreadsheet itself, on a second worksheet beside the values that they show.

use super::{EXACT_MAX, fitting, font};
use crate::plot::{Plot, Series};
use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartDataLabel, ChartEmptyCells, ChartType, Workbook, Worksheet,
    XlsxError,
};

/// Stands in the references of charts, where it needs no quotes.
const NAME: &str = "Plots";
const LABEL: u16 = 0;
const VALUE: u16 = 1;
const CHART: u16 = 3;
/// Pixels; as wide as the plots of the other formats.
const WIDTH: u32 = 900;
const HEIGHT_LINE: u32 = 300;
const HEIGHT_BAR: u32 = 26;
const HEIGHT_REST: u32 = 90;
/// Of an ordinary row, to keep one chart from covering the next.
const HEIGHT_ROW: u32 = 20;

/// Adds the worksheet, where there is something to show.
pub(super) fn add(workbook: &mut Workbook, plots: &[Plot]) -> Result<(), XlsxError> {
    if plots.is_empty() {
        return Ok(());
    }
    let paper = workbook.add_worksheet();
    paper.set_name(NAME)?.set_landscape().set_print_fit_to_pages(1, 0);
    paper.set_column_width(LABEL, 24)?;
    let mut row = 0;
    for plot in plots {
        row = one(paper, plot, row)?;
    }
    Ok(())
}

/// Title, values below it, the chart beside them; the row where the next begins.
fn one(paper: &mut Worksheet, plot: &Plot, top: u32) -> Result<u32, XlsxError> {
    let (Plot::Bars(series) | Plot::Line(series)) = plot;
    // As a cell and not as a name: what begins with `=` would be read as a reference.
    let title = fitting(series.title.as_str());
    paper.write_string_with_format(top, LABEL, title, &font().set_bold())?;
    let last = values(paper, series, top + 1)?;
    let mut chart = Chart::new(match plot {
        Plot::Bars(_) => ChartType::Bar,
        Plot::Line(_) => ChartType::Line,
    });
    chart.title().set_name((NAME, top, LABEL));
    chart.legend().set_hidden();
    chart.show_empty_cells_as(ChartEmptyCells::Gaps);
    chart.y_axis().set_min(0).set_label_position(ChartAxisLabelPosition::Low);
    chart
        .add_series()
        .set_categories((NAME, top + 1, LABEL, last, LABEL))
        .set_values((NAME, top + 1, VALUE, last, VALUE))
        .set_data_label(ChartDataLabel::new().show_value());
    let height = match plot {
        Plot::Line(_) => HEIGHT_LINE,
        // The first on top, as in the table.
        Plot::Bars(_) => {
            chart.x_axis().set_reverse();
            HEIGHT_REST + HEIGHT_BAR * (last - top)
        }
    };
    chart.set_width(WIDTH).set_height(height);
    paper.insert_chart(top, CHART, &chart)?;
    Ok(last.max(top + height / HEIGHT_ROW) + 2)
}

/// A row for each value, an empty cell where nothing is known; the last row.
fn values(paper: &mut Worksheet, series: &Series, first: u32) -> Result<u32, XlsxError> {
    let mut row = first;
    for (at, (label, value)) in (first..).zip(&series.values) {
        row = at;
        paper.write_string_with_format(at, LABEL, fitting(label.as_str()), &font())?;
        match value {
            Some(value) if *value <= EXACT_MAX => {
                paper.write_number_with_format(at, VALUE, *value as f64, &font())?
            }
            Some(value) => paper.write_string_with_format(at, VALUE, value.to_string(), &font())?,
            None => paper,
        };
    }
    Ok(row)
}
