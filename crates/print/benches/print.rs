//! How long a usage archive takes as PDF, and how much memory: `cargo xtask bench print`.

use sealdock_core::Digest;
use sealdock_core::time::{WallMs, Zone};
use sealdock_print::{Fonts, pdf};
use sealdock_report::forms::{FormHead, UsageRow, usage};
use sealdock_report::{Foot, Text};
use std::time::Instant;

fn main() {
    let fonts = Fonts::installed().expect("the fonts of the packages");
    println!("rows\tseconds\tof processor\tMB of PDF\tpeak MB of memory");
    // Ascending, because the peak is that of the process.
    for rows in [30, 2_000, 20_000] {
        let sheet = usage(&head(rows), &(0..rows).map(row).collect::<Vec<_>>());
        let (begun, used) = (Instant::now(), processor_s());
        let bytes = pdf(&sheet, &fonts).expect("a PDF");
        let (seconds, mb) = (begun.elapsed().as_secs_f64(), bytes.len() as f64 / 1e6);
        let used = processor_s() - used;
        println!("{rows}\t{seconds:.2}\t{used:.2}\t{mb:.1}\t{}", peak_mb());
    }
}

fn head(rows: u64) -> FormHead {
    let zone = Zone::parse("+08:00").expect("a zone");
    let drawn = WallMs(1_795_000_000_000);
    let foot = Foot::under("sealdock.example/bench", (rows * 3 + 1, Digest::ZERO), drawn, zone);
    FormHead { unit: Text::new("某某市民政局"), filled_by: Text::new("周敏"), foot }
}

/// A year as it is: names repeat, times do not, every seventh row has a remark, some names are rare.
fn row(number: u64) -> UsageRow {
    let pick = |from: &[&str], at: u64| Text::new(from[(at % from.len() as u64) as usize]);
    let at = WallMs(1_767_200_000_000 + number as i64 * 1_577_000);
    UsageRow {
        department: pick(&["综合执法大队", "社会事务科", "民间组织管理局"], number / 5),
        recorder: Text::from(format!("J{:06}", 800_000 + number % 60)),
        user: pick(&["张伟", "李娜", "欧阳建国", "𠮷田㛃", "王芳", "刘洋", "陈静"], number),
        approver: pick(&["刘洋", "王芳", "赵国强"], number / 11),
        issued: Some(at),
        returned: Some(at.plus_ms(31_271_000)),
        remark: pick(&["", "", "", "", "", "", "交回时电量 3%，镜头有划痕，已登记送修"], number),
    }
}

/// What all threads of this process used so far: user and system time, in hundredths of a second,
/// are fields 14 and 15 of proc_pid_stat(5). Says more than the clock where others compute too.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).flat_map(str::parse::<f64>);
    ticks.sum::<f64>() / 100.0
}

/// The most that this process ever had in memory, as the kernel counts it.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or_default() / 1024
}
