//! The service manager ends what takes too long, and whoever was ended says nothing any more. So it is said a
//! moment before, while there is somebody to say it: the journal names the device and what to do.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// When it is said. The units end `admit` and `mount` twenty seconds later (`TimeoutSec=`).
const SAID_AFTER: Duration = Duration::from_secs(280);

/// Work that is being watched; dropping it says that the work is done.
#[derive(Debug)]
pub struct Watch {
    _done: Sender<()>,
}

/// Says on standard error that `doing` is about to be ended, unless the watch is dropped before.
pub fn watch(doing: &str) -> Watch {
    let message = format!(
        "已超时 / {doing} has taken {} s and is about to be ended: the machine is too busy or the device does not \
         answer; whatever was not let in or shown stays so; unplug it, wait for a quiet moment, plug it in again",
        SAID_AFTER.as_secs()
    );
    after(SAID_AFTER, move || eprintln!("sealdock-wiper: {message}"))
}

fn after(limit: Duration, say: impl FnOnce() + Send + 'static) -> Watch {
    let (done, ended) = channel::<()>();
    let wait = move || {
        if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            say();
        }
    };
    // A machine that cannot give a thread still does the work; only the warning is lost.
    let _unwatched = std::thread::Builder::new().name("limit".into()).spawn(wait);
    Watch { _done: done }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_says_so_and_what_ends_in_time_says_nothing() {
        let (says, said) = channel();
        let slow = says.clone();
        let watch = after(Duration::from_millis(1), move || slow.send("slow").unwrap());
        assert_eq!(said.recv_timeout(Duration::from_secs(60)), Ok("slow"));
        drop(watch);
        drop(after(Duration::from_secs(3600), move || says.send("quick").unwrap()));
        // The thread went, and its end of the channel with it, without a word.
        let last = said.recv_timeout(Duration::from_secs(60));
        assert_eq!(last, Err(RecvTimeoutError::Disconnected));
    }

    #[test]
    fn it_is_said_before_the_units_end_the_work() {
        for unit in ["sealdock-usb@.service", "sealdock-mount@.service"] {
            let path = format!("{}/../../systemd/{unit}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).unwrap();
            let limit = text.lines().find_map(|line| line.strip_prefix("TimeoutSec=")).unwrap();
            let limit = Duration::from_secs(limit.parse().unwrap());
            assert!(SAID_AFTER + Duration::from_secs(10) <= limit, "{unit}: {limit:?}");
        }
    }
}
