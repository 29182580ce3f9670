//! A sheet in the words of a page: what the sheet itself says in both languages, in that of the reader; what people wrote, and what
//! names something, as it is.

use crate::console::spoken::half;
use sealdock_console::Lang;
use sealdock_console::rooms::Cell;
use sealdock_report::plot::{Plot, Series};
use sealdock_report::{Cell as Stated, Column, Text};

/// Columns whose cells hold words of the program and nothing else.
const WORDED: &[&str] = &[
    "种类 kind",
    "状态 state",
    "去向 fate",
    "要求",
    "来源 from",
    "结果 outcome",
    "副本 the copy",
    "看过 viewed",
];
/// Words of the program that stand in other columns, and in labels of plots.
const ANYWHERE: &[&str] = &[
    "无部门 none",
    "合计 total",
    "在用 there",
    "应配 needed",
    "全单位 the unit",
    "本人资料 own footage",
];

/// A cell; of a column that holds words of the program, those of the page's language.
pub fn cell(lang: Lang, column: &Column, stated: &Stated) -> Cell {
    match stated {
        Stated::Count(count) => Cell::number(count),
        Stated::Text(text) if WORDED.contains(&column.name.as_str()) => {
            Cell::Text(half(lang, text.as_str()).to_owned())
        }
        Stated::Text(text) => Cell::Text(label(lang, text)),
    }
}

/// Words of the program within a text of others.
fn label(lang: Lang, text: &Text) -> String {
    ANYWHERE.iter().fold(text.to_string(), |text, words| text.replace(words, half(lang, words)))
}

/// A plot in the words of the page, without bars of nothing; none where nothing is left.
pub fn plot(lang: Lang, plot: &Plot) -> Option<Plot> {
    let own = |series: &Series| Series {
        title: Text::new(half(lang, series.title.as_str())),
        values: series
            .values
            .iter()
            .map(|(name, value)| (Text::new(&label(lang, name)), *value))
            .collect(),
    };
    match plot {
        Plot::Line(series) => Some(Plot::Line(own(series))),
        Plot::Bars(series) => {
            let mut series = own(series);
            series.values.retain(|(_, value)| *value != Some(0));
            (!series.values.is_empty()).then_some(Plot::Bars(series))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Column {
        Column::new(name, 1)
    }

    #[test]
    fn what_somebody_wrote_or_names_a_thing_is_never_halved() {
        for lang in [Lang::Zh, Lang::En] {
            for (head, text) in [
                ("内容简要 brief", "2026-11-20 08:55:02 李明 视频 C32"),
                ("事由 reason", "取证 for court"),
                ("部门 department", "执法一大队 d1"),
                ("视频 clip", "C32"),
            ] {
                let cell = cell(lang, &column(head), &Stated::Text(text.into()));
                assert!(matches!(&cell, Cell::Text(shown) if shown == text), "{head}: {text}");
            }
        }
    }

    #[test]
    fn words_of_the_program_are_those_of_the_page() {
        let shown =
            |lang, head, text: &str| match cell(lang, &column(head), &Stated::Text(text.into())) {
                Cell::Text(text) => text,
                _ => unreachable!("a text is a text"),
            };
        assert_eq!(shown(Lang::Zh, "状态 state", "未录 not recorded"), "未录");
        assert_eq!(shown(Lang::En, "状态 state", "未录 not recorded"), "not recorded");
        assert_eq!(shown(Lang::En, "部门 department", "无部门 none"), "none");
        assert_eq!(shown(Lang::Zh, "部门 department", "合计 total"), "合计");
    }

    #[test]
    fn a_plot_speaks_one_language_and_has_no_bars_of_nothing() {
        let series = |values: &[(&str, Option<u64>)]| Series {
            title: "领用次数 uses by recorder".into(),
            values: values.iter().map(|(name, value)| ((*name).into(), *value)).collect(),
        };
        let bars = Plot::Bars(series(&[
            ("无部门 none", Some(3)),
            ("执法一科 d1 应配 needed", Some(1)),
            ("X3", Some(0)),
            ("X4", None),
        ]));
        let Some(Plot::Bars(zh)) = plot(Lang::Zh, &bars) else { panic!("bars stay bars") };
        assert_eq!(zh.title.as_str(), "领用次数");
        let names: Vec<&str> = zh.values.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["无部门", "执法一科 d1 应配", "X4"]);
        assert_eq!(plot(Lang::Zh, &Plot::Bars(series(&[("X1", Some(0))]))), None);
        assert!(plot(Lang::En, &Plot::Line(series(&[("X1", Some(0))]))).is_some());
    }
}
