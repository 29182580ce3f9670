//! Every page of the console stands in the table that `bench console` asks for.

use super::tree::File;
use super::{accepts, finds, holds, pages};

/// Pages that are measured, and routes that are none.
pub fn findings(files: &[File], measured: &[&str], others: &[&str]) -> Vec<String> {
    let routes: Vec<String> =
        files.iter().filter(|file| is_console(file)).flat_map(routes).collect();
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

#[test]
fn every_page_of_the_console_is_measured() {
    let measured: Vec<&str> = pages::PAGES.iter().map(|page| page.route).collect();
    let others: Vec<&str> = pages::OTHERS.iter().map(|(route, _)| *route).collect();
    holds(|files| findings(files, &measured, &others));
    let check = |files: &[File]| findings(files, &["/desk"], &[]);
    let one = |text: &str| format!(".route(\"/desk\", get(desk::overview))\n    .route(\n{text}");
    let planted = one("        \"/secret\",\n        get(secret).post(open))");
    finds(check, &[("src/console/rooms.rs", &planted)], "/secret is not measured");
    let table = one("\"/sent\", post(sent))\n    path: \"/api/v1/secret\",");
    finds(check, &[("src/console/api.rs", &table)], "/api/v1/secret is not measured");
    finds(check, &[("src/console/rooms.rs", "nothing")], "/desk is measured, and is no page");
    accepts(check, &[("src/console.rs", &one("\"/sent\", post(sent))"))]);
}
