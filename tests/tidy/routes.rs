//! Every page of the console stands in the table that `bench console` asks for.

use super::tree::File;

/// Pages that are measured, and routes that are none.
pub fn findings(files: &[File], measured: &[&str], others: &[&str]) -> Vec<String> {
    let routes: Vec<String> = files.iter().filter(|file| is_console(file)).flat_map(routes).collect();
    let known = |route: &str| measured.contains(&route) || others.contains(&route);
    let unknown = routes.iter().filter(|route| !known(route)).map(|route| {
        format!("{route} is not measured: give it an address in tests/bench/console/pages.rs")
    });
    let gone = measured.iter().chain(others).filter(|known| !routes.iter().any(|r| r == *known));
    unknown.chain(gone.map(|route| format!("{route} is measured, and is no page"))).collect()
}

/// The first run has a router of its own: there is no station yet.
fn is_console(file: &File) -> bool {
    let path = file.path.as_str();
    (path == "src/console.rs" || path.starts_with("src/console/"))
        && !path.starts_with("src/console/first")
}

/// What is answered to GET.
fn routes(file: &File) -> Vec<String> {
    let quoted = |text: &str| text.split('"').nth(1).map(str::to_owned);
    let routed = file.text.split(".route(").skip(1).filter_map(|rest| {
        let this = rest.split(".route(").next().unwrap_or(rest);
        let (path, then) = this.trim_start().strip_prefix('"')?.split_once('"')?;
        let reads = then.trim_start().trim_start_matches(',').trim_start().starts_with("get(");
        reads.then(|| path.to_owned())
    });
    // Those of other systems are made from a table.
    let table = file.text.lines().map(str::trim).filter(|line| line.starts_with("path: \"/api/"));
    routed.chain(table.filter_map(quoted)).collect()
}
