//! What a plugged recorder is taken for, until somebody says otherwise: only a name to dock under. Two
//! sources that disagree are a conflict that the session finds.

use sealdock_chain::Digest;
use sealdock_core::id::RecorderId;
use sealdock_core::listing::RawLine;
use sealdock_core::ports::{PortResult, Registers};
use sealdock_core::registry;
use sealdock_core::session::Told;
use sealdock_profile::{Evidence, IdentityClaims, Profile, Seen};

/// A folder: an enrolled number wins, be it on the folder or in the file names; then whatever is usable.
pub fn folder(
    registers: &dyn Registers,
    name: &str,
    claims: &IdentityClaims,
) -> PortResult<RecorderId> {
    let folder: Option<RecorderId> = name.parse().ok();
    let device: Option<RecorderId> = match claims.devices.as_slice() {
        [one] => one.parse().ok(),
        _ => None,
    };
    for claim in [&folder, &device].into_iter().flatten() {
        if registry::recorder(registers, claim)?.is_some() {
            return Ok(claim.clone());
        }
    }
    Ok(folder.or(device).unwrap_or_else(|| unnamed(name)))
}

/// A USB volume or an MTP device: it is called after a kernel name, which says nothing. An enrolled number
/// wins, then the one number of the files, then the label, if somebody ever set it.
pub fn plugged(
    registers: &dyn Registers,
    seen: &Seen,
    (profile, lines): (&Profile, &[RawLine]),
    told: &[Told],
) -> PortResult<RecorderId> {
    let label = seen.volume.as_ref().and_then(|v| v.label.as_deref());
    let mut numbers: Vec<RecorderId> = Vec::new();
    let claims = profile.device_claims(&Evidence { lines, label, ..Evidence::default() });
    let said = told.iter().filter_map(|told| told.device.clone());
    for number in said.chain(claims.into_iter().map(|claim| claim.number)) {
        if let Ok(number) = number.parse()
            && !numbers.contains(&number)
        {
            numbers.push(number);
        }
    }
    let mut enrolled = Vec::new();
    for number in &numbers {
        if registry::recorder(registers, number)?.is_some() {
            enrolled.push(number.clone());
        }
    }
    for unambiguous in [enrolled, numbers] {
        if let [one] = unambiguous.as_slice() {
            return Ok(one.clone());
        }
    }
    let label = label.filter(|label| !profile.is_placeholder(label));
    Ok(label.and_then(|label| label.parse().ok()).unwrap_or_else(|| unnamed(&marks(seen))))
}

/// What tells one card without any number from the next.
fn marks(seen: &Seen) -> String {
    let volume = seen.volume.clone().unwrap_or_default();
    format!(
        "{:04x}:{:04x} {} {} {}",
        seen.vid,
        seen.pid,
        seen.serial.as_deref().unwrap_or_default(),
        volume.uuid.unwrap_or_default(),
        volume.label.unwrap_or_default()
    )
}

/// A name that no id can carry still gets one, for ever the same.
pub fn unnamed(name: &str) -> RecorderId {
    let digest = Digest::of(name.as_bytes()).to_string();
    format!("unnamed-{}", &digest[..12]).parse().expect("letters, digits and a hyphen are an id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::listing::LineKind;
    use sealdock_core::table::{Query, Row};
    use sealdock_profile::Volume;

    /// Nobody is enrolled.
    struct Nobody;

    impl Registers for Nobody {
        fn select(&self, _: &Query) -> PortResult<Vec<Row>> {
            Ok(Vec::new())
        }
    }

    fn seen(label: Option<&str>, uuid: &str) -> Seen {
        let volume =
            Volume { fs: "vfat".into(), label: label.map(str::to_owned), uuid: Some(uuid.into()) };
        Seen { volume: Some(volume), ..Seen::default() }
    }

    fn files(names: &[&str]) -> Vec<RawLine> {
        let line = |name: &&str| RawLine {
            raw_name: name.as_bytes().to_vec(),
            kind: LineKind::File,
            size: 1,
            mtime_ms: None,
            file_id: 0,
            changed_ns: None,
            detail: None,
        };
        names.iter().map(line).collect()
    }

    fn taken(label: Option<&str>, names: &[&str]) -> String {
        let lines = files(names);
        let read = (&Profile::generic(), lines.as_slice());
        plugged(&Nobody, &seen(label, "1234-ABCD"), read, &[]).unwrap().to_string()
    }

    const NUMBERED: &str = "J900001_12345620170730100947_0017.MP4";

    #[test]
    fn a_number_in_the_files_goes_before_the_label_and_a_kernel_name_is_never_one() {
        let number = Profile::generic().identity(&files(&[NUMBERED])).devices;
        assert_eq!(number.len(), 1, "the example carries a number: {number:?}");
        assert_eq!(taken(Some("CARD7"), &[NUMBERED]), number[0]);
        assert_eq!(taken(Some("CARD7"), &["a.mp4"]), "CARD7");
        for nothing in [None, Some("NO NAME"), Some("000000"), Some("a/b c")] {
            let id = taken(nothing, &["a.mp4"]);
            assert!(id.starts_with("unnamed-"), "{nothing:?}: {id}");
        }
    }

    #[test]
    fn what_it_said_of_itself_is_a_number_like_those_of_its_files() {
        let told = Told { device: Some("J7".into()), ..Told::default() };
        let at = |names: &[&str]| {
            let lines = files(names);
            let read = (&Profile::generic(), lines.as_slice());
            plugged(&Nobody, &seen(Some("CARD7"), "1"), read, std::slice::from_ref(&told))
                .unwrap()
                .to_string()
        };
        assert_eq!(at(&["a.mp4"]), "J7");
        assert_eq!(at(&[NUMBERED]), "CARD7", "two numbers are none");
    }

    #[test]
    fn two_cards_without_a_number_are_two_recorders() {
        let generic = Profile::generic();
        let at = |uuid| plugged(&Nobody, &seen(None, uuid), (&generic, &[]), &[]).unwrap();
        assert_ne!(at("1234-ABCD"), at("1234-ABCE"));
        assert_eq!(at("1234-ABCD"), at("1234-ABCD"));
    }
}
