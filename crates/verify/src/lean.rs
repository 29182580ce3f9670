//! What is left out of the page's form and style: who reads them has the repository, and who checks the page its digest.

/// Without what lines are moved in by.
pub fn moved_out(text: &str) -> String {
    text.split('\n').map(|line| line.trim_start_matches(' ')).collect::<Vec<_>>().join("\n")
}

/// The style, without spaces that part no words either.
pub fn style(style: &str) -> String {
    let spaces = [": ", " {", "{ ", "; ", " }"];
    spaces.iter().fold(moved_out(style), |text, it| text.replace(it, it.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spaces_that_part_no_words_are_left_out() {
        assert_eq!(style("a {\n  b: c d; e: f;\n}\n"), "a{\nb:c d;e:f;\n}\n");
        assert_eq!(moved_out("<p>\n  a  b\n"), "<p>\na  b\n");
    }
}
