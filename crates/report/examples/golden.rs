//! Writes the golden files anew: `cargo run -p sealdock-report --example golden`. Look at the
//! difference before it is committed; the tests compare with what lies there.

#[path = "../tests/common/mod.rs"]
mod common;

fn main() -> std::io::Result<()> {
    for name in common::NAMES {
        let sheet = common::sheet(name);
        let path = |extension: &str| common::folder().join(format!("{name}.{extension}"));
        std::fs::write(path("html"), sealdock_report::html::html(&sheet))?;
        std::fs::write(path("csv"), sealdock_report::csv::csv(&sheet))?;
    }
    for (name, sheet) in common::reports::sheets() {
        let path = |extension: &str| common::reports_folder().join(format!("{name}.{extension}"));
        std::fs::write(path("html"), sealdock_report::html::html(&sheet))?;
        std::fs::write(path("csv"), sealdock_report::csv::csv(&sheet))?;
    }
    Ok(())
}
