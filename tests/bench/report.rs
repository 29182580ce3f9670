//! Lines of the result: what, how long, against what.

use std::time::Duration;

pub struct Table {
    lines: Vec<String>,
}

impl Table {
    pub fn new() -> Table {
        Table { lines: Vec::new() }
    }

    pub fn fact(&mut self, text: String) {
        println!("{text}");
        self.lines.push(text);
    }

    /// `limit` is the line of the issue; `None` for information.
    pub fn ratio(&mut self, what: &str, ratio: f64, limit: Option<f64>) {
        let verdict = match limit {
            Some(limit) if ratio <= limit => format!("limit {limit:.2}: met"),
            Some(limit) => format!("limit {limit:.2}: NOT met"),
            None => String::new(),
        };
        self.fact(format!("{what:<64} {ratio:>6.3}  {verdict}"));
    }

    pub fn print(&self) {
        println!("\n== results ==");
        for line in &self.lines {
            println!("{line}");
        }
    }
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}
