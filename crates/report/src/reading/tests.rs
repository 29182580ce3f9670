//! What a table may have at most, held where rows are taken in and where letters are.

use super::*;

fn text(text: &str) -> Cell {
    bounded(text, |text| Cell::Text(text.to_owned()))
}

#[test]
fn a_cell_with_too_many_letters_is_a_doubt_with_its_first_and_none_is_lost_in_silence() {
    for fits in ["", "字", &"字".repeat(LETTERS_MAX), &" ".repeat(LETTERS_MAX)] {
        assert_eq!(text(fits), Cell::Text(fits.to_owned()));
    }
    let blanks = format!("{}x", " ".repeat(LETTERS_MAX));
    for long in ["字".repeat(LETTERS_MAX + 1), "a".repeat(8 << 20), blanks] {
        let Cell::Doubtful { shown, why } = text(&long) else { panic!("{}", long.len()) };
        assert!(shown.starts_with(long.trim_start().chars().next().unwrap()), "{shown}");
        assert!(
            shown.chars().count() <= LETTERS_SHOWN + 1 && why.contains("1000"),
            "{shown} {why}"
        );
    }
}

#[test]
fn of_a_long_text_no_more_is_kept_than_shows_that_it_is_long() {
    let mut kept = String::new();
    for _ in 0..100 {
        add(&mut kept, &"字".repeat(300));
        add(&mut kept, "x");
    }
    assert!(is_long(&kept));
    assert_eq!(kept.chars().count(), LETTERS_MAX + 1);
    let mut fits = "字".repeat(LETTERS_MAX - 1);
    add(&mut fits, "x");
    assert!(!is_long(&fits) && fits.ends_with('x'));
}

#[test]
fn a_table_has_so_much_text_and_so_many_cells_and_no_more() {
    let mut rows = Rows::default();
    let wide = || vec![text(&"a".repeat(LETTERS_MAX)); CELLS_MAX];
    let most = TEXT_BYTES_MAX / (LETTERS_MAX * CELLS_MAX);
    for line in 0..most {
        rows.push(line as u32, wide()).unwrap();
    }
    assert_eq!(rows.push(0, wide()), Err(Unreadable::TooMuchText));
    assert_eq!(rows.table.lines.len(), most);

    let mut rows = Rows::default();
    let doubt = Cell::Doubtful { shown: "x".into(), why: "y".repeat(TEXT_BYTES_MAX) };
    assert_eq!(rows.push(1, vec![doubt]), Err(Unreadable::TooMuchText), "what is said counts too");

    let mut rows = Rows::default();
    let last =
        || (0..CELLS_MAX).map(|at| text(if at + 1 < CELLS_MAX { "" } else { "x" })).collect();
    for line in 0..CELLS_IN_ALL_MAX / CELLS_MAX {
        rows.push(line as u32, last()).unwrap();
    }
    assert_eq!(rows.push(0, last()), Err(Unreadable::TooManyCells));
}
