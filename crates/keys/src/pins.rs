//! PINs: short secrets that people type. Each is salted and made slow with Argon2id (RFC 9106), so
//! that a stolen database does not give them away at once.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sealdock_core::ports::{Kind, Pins, PortError, PortResult};
use sealdock_core::says;
use sealdock_core::why::{Both, Why};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Shortest and longest PIN, characters.
const PIN_CHARS: std::ops::RangeInclusive<usize> = 4..=64;

/// What people chose most often where passwords were stolen; lines that begin with `#` say whence.
const COMMON: &str = include_str!("common.txt");
/// Words of this service that somebody who stands before it would try, with whatever digits around them.
const OURS: [&str; 24] = [
    "sealdock",
    "police",
    "officer",
    "cop",
    "jingcha",
    "gongan",
    "minjing",
    "jiwei",
    "chengguan",
    "zhifa",
    "xingzheng",
    "zhifajilu",
    "jiluyi",
    "zhengju",
    "bodycam",
    "station",
    "admin",
    "公安",
    "警察",
    "民警",
    "城管",
    "执法",
    "执法记录仪",
    "证据",
];

/// Memory of one hash, KiB; passes; lanes. OWASP's first choice for Argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// RFC 9106 §3.1 asks for 16.
const SALT_BYTES: usize = 16;

/// Checks that a PIN may be chosen. A PIN that is compared later is not checked again.
///
/// # Errors
/// Says what is wrong and what to choose instead.
pub fn pin_acceptable(pin: &str) -> Result<(), Why> {
    let characters: Vec<char> = pin.chars().collect();
    let why = if characters.len() < *PIN_CHARS.start() {
        Both("口令太短", "the PIN is too short")
    } else if characters.len() > *PIN_CHARS.end() {
        Both("口令太长", "the PIN is too long")
    } else if pin.trim() != pin || pin.contains(char::is_control) {
        Both(
            "口令以空格开头或结尾，或含有无法键入的字符",
            "the PIN begins or ends with a space, or holds a character that cannot be typed",
        )
    } else if characters.iter().all(|c| *c == characters[0]) {
        Both("口令只是同一个字符重复", "the PIN is one character again and again")
    } else if is_run(&characters, 1) || is_run(&characters, -1) {
        Both("口令只是依次递增或递减", "the PIN only counts up or down")
    } else if is_year(&characters) {
        Both("口令是年份，别人猜得到", "the PIN is a year, and others know yours")
    } else if is_common(pin) {
        Both("口令是最常见的口令之一", "the PIN is one of those that people choose most")
    } else if is_ours(pin) {
        Both("口令是本行业的词加数字", "the PIN is a word of this work and digits")
    } else {
        return Ok(());
    };
    Err(says!(
        "{why:#}；请选 4 至 64 个别人不会先试的字符",
        "{why}; choose 4 to 64 characters that others would not try first"
    ))
}

/// Each digit differs from the one before by `step`; 0 follows 9, as on a keypad.
fn is_run(characters: &[char], step: i32) -> bool {
    let digits: Option<Vec<i32>> =
        characters.iter().map(|c| c.to_digit(10).map(|d| d as i32)).collect();
    digits.is_some_and(|d| d.windows(2).all(|pair| (pair[0] + step).rem_euclid(10) == pair[1]))
}

/// Four digits that read as a year somebody was born in, married in or enrolled in.
fn is_year(characters: &[char]) -> bool {
    let text: String = characters.iter().collect();
    characters.len() == 4 && text.parse().is_ok_and(|year: u16| (1930..2060).contains(&year))
}

/// In whatever case.
fn is_common(pin: &str) -> bool {
    let lower = pin.to_lowercase();
    COMMON.lines().any(|line| !line.starts_with('#') && line == lower)
}

fn is_ours(pin: &str) -> bool {
    let bare: String = pin.to_lowercase().chars().filter(|c| !c.is_ascii_digit()).collect();
    OURS.contains(&bare.as_str())
}

/// Argon2id with the station's parameters.
#[derive(Debug, Clone)]
pub struct ArgonPins {
    memory_kib: u32,
}

impl Default for ArgonPins {
    fn default() -> ArgonPins {
        ArgonPins { memory_kib: MEMORY_KIB }
    }
}

impl ArgonPins {
    /// The station's parameters: 19 MiB, two passes, one lane.
    pub fn new() -> ArgonPins {
        ArgonPins::default()
    }

    /// Other memory in KiB, for tests that hash often; at least 8.
    pub fn with_memory(kib: u32) -> ArgonPins {
        ArgonPins { memory_kib: kib }
    }

    fn params(&self) -> PortResult<Params> {
        Params::new(self.memory_kib, PASSES, LANES, None).map_err(|e| {
            let message = format!("Argon2id does not work with {} KiB: {e}", self.memory_kib);
            PortError::new(Kind::Invalid, message)
        })
    }
}

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// The one thread that hashes, with the one piece of memory that hashing needs: 16 bays asking
/// together would otherwise take 16 × 19 MiB, and the allocator would keep them.
static DESK: LazyLock<Mutex<Sender<Job>>> = LazyLock::new(|| {
    let (sender, jobs) = channel::<Job>();
    std::thread::spawn(move || {
        let mut memory = Vec::new();
        jobs.into_iter().for_each(|job| job(&mut memory));
    });
    Mutex::new(sender)
});

/// Has one hash done at the desk and waits for it.
fn argon2id(params: Params, pin: &str, salt: &[u8]) -> Result<Vec<u8>, argon2::Error> {
    let (pin, salt) = (Zeroizing::new(pin.to_owned()), salt.to_vec());
    let (answer, wait) = channel();
    let job: Job = Box::new(move |memory| {
        let mut output = vec![0; Params::DEFAULT_OUTPUT_LEN];
        memory.resize(params.block_count().max(memory.len()), Block::default());
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let done =
            argon.hash_password_into_with_memory(pin.as_bytes(), &salt, &mut output, &mut *memory);
        memory.fill(Block::default());
        // Whoever asked waits right here; an answer nobody takes is no harm.
        let _ = answer.send(done.map(|()| output));
    });
    let desk = DESK.lock().unwrap_or_else(PoisonError::into_inner);
    desk.send(job).expect("the desk serves as long as the process lives");
    drop(desk);
    wait.recv().expect("hashing does not panic")
}

impl Pins for ArgonPins {
    fn hash(&self, pin: &str) -> PortResult<String> {
        let failed =
            |why: String| PortError::new(Kind::Failed, format!("cannot hash the PIN: {why}"));
        let params = self.params()?;
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|e| failed(e.to_string()))?;
        let written = ParamsString::try_from(&params).map_err(|e| failed(e.to_string()))?;
        let output = argon2id(params, pin, &salt).map_err(|e| failed(e.to_string()))?;
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: written,
            salt: Some(Salt::new(&salt).map_err(|e| failed(e.to_string()))?),
            hash: Some(Output::new(&output).map_err(|e| failed(e.to_string()))?),
        };
        Ok(phc.to_string())
    }

    /// The parameters come from `phc`, so that old hashes stay usable after a change.
    fn matches(&self, phc: &str, pin: &str) -> PortResult<bool> {
        let damaged = |why: String| {
            let message = format!(
                "a stored PIN hash is damaged ({why}); run `sealdock check`, then enrol anew"
            );
            PortError::new(Kind::Damaged, message)
        };
        let stored = PasswordHash::new(phc).map_err(|e| damaged(e.to_string()))?;
        if stored.algorithm != Algorithm::Argon2id.ident()
            || stored.version != Some(Version::V0x13.into())
        {
            return Err(damaged("it is not Argon2id version 19".to_owned()));
        }
        let params = Params::try_from(&stored).map_err(|e| damaged(e.to_string()))?;
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return Err(damaged("it is cut short".to_owned()));
        };
        if expected.len() != Params::DEFAULT_OUTPUT_LEN {
            return Err(damaged("it is cut short".to_owned()));
        }
        let output = argon2id(params, pin, &salt).map_err(|e| damaged(e.to_string()))?;
        // `Output` compares in constant time.
        Ok(Output::new(&output).map_err(|e| damaged(e.to_string()))? == expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_that_others_try_first_are_refused() {
        let refused = [
            ("", "too short"),
            ("739", "too short"),
            (&"7392".repeat(17), "too long"),
            ("0000", "again and again"),
            ("888888", "again and again"),
            ("aaaa", "again and again"),
            ("1234", "counts up or down"),
            ("123456", "counts up or down"),
            ("1234567890", "counts up or down"),
            ("654321", "counts up or down"),
            (" 7392", "cannot be typed"),
            ("7392\n", "cannot be typed"),
            ("73\092", "cannot be typed"),
            ("1984", "a year"),
            ("2026", "a year"),
            ("0007", "choose most"),
            ("Password1", "choose most"),
            ("314159", "choose most"),
            ("police110", "a word of this work"),
            ("2026公安", "a word of this work"),
        ];
        for (pin, why) in refused {
            let said = pin_acceptable(pin).expect_err(pin);
            assert!(said.contains(why) && said.contains("choose 4 to 64"), "{pin:?}: {said}");
        }
        let good = ["7392", "1235", "2060", "七三九二", "correct horse", "policeman at 7"];
        for pin in good.into_iter().chain([&*"7392".repeat(16)]) {
            pin_acceptable(pin).expect(pin);
        }
        let listed = COMMON.lines().filter(|line| !line.starts_with('#'));
        assert!(listed.clone().count() == 3000 && listed.clone().all(|word| word.len() >= 4));
        assert!(listed.clone().all(|word| pin_acceptable(word).is_err()));
    }

    #[test]
    fn our_hashes_are_ordinary_phc_strings_that_the_library_verifies() {
        use argon2::password_hash::PasswordVerifier as _;
        let phc = ArgonPins::with_memory(64).hash("7392").unwrap();
        let stored = PasswordHash::new(&phc).unwrap();
        assert!(Argon2::default().verify_password(b"7392", &stored).is_ok());
        assert!(Argon2::default().verify_password(b"7393", &stored).is_err());
    }

    #[test]
    fn a_pin_matches_its_own_hash_only() {
        let pins = ArgonPins::with_memory(64);
        let phc = pins.hash("7392").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{phc}");
        assert!(pins.matches(&phc, "7392").unwrap());
        for wrong in ["7393", "", "73922", &"7".repeat(10_000)] {
            assert!(!pins.matches(&phc, wrong).unwrap());
        }
        assert_ne!(pins.hash("7392").unwrap(), phc, "every hash has its own salt");
    }

    #[test]
    fn the_stored_parameters_decide() {
        let phc = ArgonPins::with_memory(64).hash("7392").unwrap();
        assert!(ArgonPins::with_memory(128).matches(&phc, "7392").unwrap());
        let full = ArgonPins::new().hash("7392").unwrap();
        assert!(full.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{full}");
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_no_mismatch() {
        let pins = ArgonPins::with_memory(64);
        let phc = pins.hash("7392").unwrap();
        let unknown = phc.replace("argon2id", "scrypt");
        let no_hash = phc.rsplit_once('$').unwrap().0.to_owned();
        for damaged in ["", "7392", "$argon2id$", &phc[..phc.len() - 8], &unknown, &no_hash] {
            let refused = pins.matches(damaged, "7392");
            assert_eq!(refused.map_err(|e| e.kind), Err(Kind::Damaged), "{damaged}");
        }
        assert_eq!(ArgonPins::with_memory(1).hash("7392").unwrap_err().kind, Kind::Invalid);
    }
}
