//! What the console's scripts may not do, read in their source: run text as code, read text as markup, keep anything in
//! the browser, talk to other windows, reach another place. And no field shows a PIN.

use std::collections::BTreeMap;

/// Each with why. What is searched for is the name, wherever it stands.
const FORBIDDEN: [(&str, &str); 21] = [
    ("eval(", "text becomes code"),
    ("new Function", "text becomes code"),
    ("import(", "code that is not in the page"),
    ("importScripts", "code that is not in the page"),
    ("javascript:", "an address becomes code"),
    ("document.write", "text becomes markup"),
    ("insertAdjacentHTML", "text becomes markup"),
    ("outerHTML", "text becomes markup"),
    ("srcdoc", "text becomes markup"),
    ("localStorage", "something stays in the browser"),
    ("sessionStorage", "something stays in the browser"),
    ("indexedDB", "something stays in the browser"),
    ("document.cookie", "something stays in the browser"),
    ("caches.", "something stays in the browser"),
    ("serviceWorker", "something stays in the browser"),
    ("postMessage", "other windows are talked to"),
    ("window.open", "other windows are talked to"),
    ("http:", "another place is reached"),
    ("https:", "another place is reached"),
    ("__proto__", "a name that came from elsewhere becomes part of every object"),
    ("\"paste\"", "a PIN may be pasted, as a keeper of passwords does"),
];

/// Where a script takes markup: what the station itself drew, escaped, for the same page.
const DRAWN_BY_THE_STATION: [&str; 2] =
    ["live.innerHTML = event.data;", "list.innerHTML = drawn.innerHTML;"];

fn scripts() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
    let files = std::fs::read_dir(folder).expect("assets").map(|file| file.expect("a file").path());
    let named = files.map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("text"))
    });
    named.filter(|(name, _)| name.ends_with(".js")).collect()
}

fn findings(name: &str, text: &str) -> Vec<String> {
    let said = FORBIDDEN.iter().filter(|(word, _)| text.contains(word));
    let mut all: Vec<String> = said.map(|(word, why)| format!("{name}: {word}: {why}")).collect();
    let taken = text.lines().filter(|line| line.contains(".innerHTML ="));
    let strange = taken.filter(|line| !DRAWN_BY_THE_STATION.iter().any(|own| line.ends_with(own)));
    all.extend(strange.map(|line| format!("{name}: text becomes markup: {}", line.trim())));
    all
}

/// Every field for a PIN, in every template.
#[test]
fn no_pin_is_seen_while_it_is_typed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut fields = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for field in text.split("<input ").skip(1).map(|tag| tag.split('>').next().unwrap()) {
            let is_pin = ["name=\"pin\"", "name=\"again\"", "name=\"new_pin\""];
            if is_pin.iter().any(|name| field.contains(name)) {
                fields += 1;
                let hidden = field.contains("type=\"password\"") && !field.contains("value=");
                assert!(hidden, "{}: {field}", path.display());
            }
        }
    }
    let form = std::fs::read_to_string(format!("{folder}/admin_desk.html")).unwrap();
    let of_a_form = form.lines().find(|line| line.contains("Kind::Pin")).unwrap();
    assert!(of_a_form.contains("type=\"password\""), "{of_a_form}");
    assert!(fields >= 10, "{fields}");
}

#[test]
fn scripts_run_no_text_keep_nothing_and_reach_nobody_else() {
    let all = scripts();
    assert!(all.contains_key("console.js") && all.contains_key("view.js"), "{:?}", all.keys());
    for (name, text) in &all {
        assert_eq!(findings(name, text), Vec::<String>::new());
    }
    for planted in ["eval(x)", "a.innerHTML = b;", "localStorage.pin = 1", "fetch(\"https://x\")"] {
        assert_eq!(findings("x", planted).len(), 1, "{planted}");
    }
}
