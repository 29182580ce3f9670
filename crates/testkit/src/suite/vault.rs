//! The contract of `ports::Vault` and `ports::Incoming`.

use crate::clips;
use crate::permit;
use crate::source::{read_in_blocks, read_whole};
use sealdock_chain::digest::Digest;
use sealdock_core::block::Block;
use sealdock_core::ports::{Incoming, Kind, Place, Vault};

/// Bytes handed over at once; not a divisor of the edge sizes.
const WRITE_BYTES: usize = 64 << 10;

/// Runs the whole contract; `make` gives an empty vault each time.
///
/// # Panics
/// A claim does not hold.
pub fn vault(make: impl Fn() -> Box<dyn Vault>) {
    for size in clips::EDGE_SIZES {
        comes_back_as_written(&*make(), size);
    }
    sizes_announced_wrongly_do_no_harm(&*make());
    the_second_of_the_same_content_is_dropped(&*make());
    nothing_is_read_back_or_kept_before_the_seal(&*make());
    what_is_not_kept_is_never_a_clip(&*make());
    copies_under_way_do_not_mix(&*make());
    aside_and_kept_are_two_places(&*make());
    objects_are_named_by_content(&*make());
    sidecars_can_be_made_again(&*make());
    what_is_missing_is_said_to_be(&*make());
    a_permit_removes_its_content_and_nothing_else(&*make());
    what_is_not_what_the_permit_says_stays(&*make());
    assert!(make().room().expect("room is known").bytes > 0, "an empty vault has room");
}

fn begin(vault: &dyn Vault, bytes: &[u8]) -> Box<dyn Incoming> {
    let mut incoming = vault.begin(bytes.len() as u64).expect("a copy can begin");
    write(&mut *incoming, bytes);
    incoming
}

fn write(incoming: &mut dyn Incoming, bytes: &[u8]) {
    let mut block = Block::new(WRITE_BYTES);
    for part in bytes.chunks(WRITE_BYTES) {
        block.room()[..part.len()].copy_from_slice(part);
        block.set_filled(part.len());
        incoming.write(&mut block).expect("a block can be written");
    }
}

fn kept(vault: &dyn Vault, bytes: &[u8]) -> Place {
    let place = Place::Kept(Digest::of(bytes));
    let mut incoming = begin(vault, bytes);
    incoming.seal().expect("a copy can be sealed");
    assert!(incoming.keep(&place).expect("a sealed copy can be kept"), "it was not there before");
    place
}

fn opened(vault: &dyn Vault, place: &Place) -> Vec<u8> {
    read_whole(&mut *vault.open(place).expect("what is kept can be opened")).expect("and read")
}

fn places(vault: &dyn Vault) -> Vec<Place> {
    let mut places: Vec<Place> =
        vault.inventory().expect("an inventory").into_iter().map(|found| found.place).collect();
    places.sort();
    places
}

fn comes_back_as_written(vault: &dyn Vault, size: usize) {
    let bytes = clips::bytes(size as u64, size);
    let place = Place::Kept(Digest::of(&bytes));
    let mut incoming = begin(vault, &bytes);
    incoming.seal().expect("a copy can be sealed");
    for block_bytes in [4096, 1 << 20] {
        let mut source = incoming.read_back().expect("a sealed copy can be read back");
        assert!(!source.method().is_empty(), "the way of reading has a name");
        let back = read_in_blocks(&mut *source, block_bytes).expect("reading back works");
        assert!(back == bytes, "{size} bytes read back equal, in blocks of {block_bytes}");
        assert!(source.unchanged().expect("it can be looked at"), "nobody changed it");
        let mut block = Block::new(4096);
        let past = (size as u64).next_multiple_of(4096) + 4096;
        assert_eq!(source.read_at(past, &mut block), Ok(0), "there is nothing past the end");
        assert_eq!(block.bytes(), b"", "a read of nothing leaves the block empty");
    }
    assert_eq!(vault.size(&place), Ok(None), "nothing is kept before it is kept");
    assert!(incoming.keep(&place).expect("a sealed copy can be kept"), "it is new");
    assert_eq!(vault.size(&place), Ok(Some(size as u64)));
    assert!(opened(vault, &place) == bytes, "{size} kept bytes are what was written");
    let found = vault.inventory().expect("an inventory");
    assert_eq!(found.len(), 1, "one clip and nothing else: {found:?}");
    assert_eq!((&found[0].place, found[0].size), (&place, size as u64));
}

/// A file may turn out shorter (truncated) or longer (still growing) than its listing said.
fn sizes_announced_wrongly_do_no_harm(vault: &dyn Vault) {
    for (announced, written) in [(1_000_000, 5_000), (5_000, 200_000), (4096, 0)] {
        let bytes = clips::bytes(announced, written);
        let mut incoming = vault.begin(announced).expect("a copy can begin");
        write(&mut *incoming, &bytes);
        incoming.seal().expect("a copy can be sealed");
        let mut source = incoming.read_back().expect("it can be read back");
        let back = read_whole(&mut *source).expect("reading back works");
        assert!(back == bytes, "{announced} announced, {written} written, {} found", back.len());
        let place = Place::Aside(Digest::of(&bytes));
        incoming.keep(&place).expect("it can be kept");
        assert_eq!(vault.size(&place), Ok(Some(written as u64)));
    }
}

fn the_second_of_the_same_content_is_dropped(vault: &dyn Vault) {
    let bytes = clips::bytes(1, 70_000);
    let place = kept(vault, &bytes);
    let mut again = begin(vault, &bytes);
    again.seal().expect("a copy can be sealed");
    assert_eq!(again.keep(&place), Ok(false), "that content was there already");
    assert!(opened(vault, &place) == bytes, "and still is");
    // Under the same name with other bytes: the first stays, whatever comes.
    let mut other = begin(vault, b"other bytes");
    other.seal().expect("a copy can be sealed");
    assert_eq!(other.keep(&place), Ok(false), "nothing is ever replaced");
    assert!(opened(vault, &place) == bytes, "the first is untouched");
    assert_eq!(places(vault), [place], "the copies that came too late are gone");
}

fn nothing_is_read_back_or_kept_before_the_seal(vault: &dyn Vault) {
    let mut incoming = begin(vault, b"not sealed");
    assert!(incoming.read_back().is_err(), "what is not on the medium cannot be read from it");
    let place = Place::Kept(Digest::of(b"not sealed"));
    assert!(incoming.keep(&place).is_err(), "what is not durable is not kept");
    assert_eq!(vault.size(&place), Ok(None));
}

fn what_is_not_kept_is_never_a_clip(vault: &dyn Vault) {
    let mut discarded = begin(vault, b"discarded");
    discarded.seal().expect("a copy can be sealed");
    discarded.discard().expect("a copy can be discarded");
    assert_eq!(places(vault), [], "a discarded copy leaves nothing");
    drop(begin(vault, b"dropped as by a crash"));
    let left = places(vault);
    assert!(left.iter().all(|p| matches!(p, Place::Incoming(_))), "at most a leftover: {left:?}");
}

fn copies_under_way_do_not_mix(vault: &dyn Vault) {
    let (a, b) = (clips::bytes(1, 3 * WRITE_BYTES), clips::bytes(2, 3 * WRITE_BYTES));
    let mut first = vault.begin(a.len() as u64).expect("one copy");
    let mut second = vault.begin(b.len() as u64).expect("and another at the same time");
    for (part_a, part_b) in a.chunks(WRITE_BYTES).zip(b.chunks(WRITE_BYTES)) {
        write(&mut *first, part_a);
        write(&mut *second, part_b);
    }
    for (mut incoming, bytes) in [(second, b), (first, a)] {
        incoming.seal().expect("a copy can be sealed");
        let place = Place::Kept(Digest::of(&bytes));
        assert_eq!(incoming.keep(&place), Ok(true));
        assert!(opened(vault, &place) == bytes, "each copy has its own bytes");
    }
}

fn aside_and_kept_are_two_places(vault: &dyn Vault) {
    let bytes = clips::bytes(3, 5_000);
    let clip = kept(vault, &bytes);
    let aside = Place::Aside(Digest::of(&bytes));
    assert_eq!(vault.size(&aside), Ok(None), "a clip does not stand aside");
    let mut incoming = begin(vault, &bytes);
    incoming.seal().expect("a copy can be sealed");
    assert_eq!(incoming.keep(&aside), Ok(true));
    assert!(opened(vault, &aside) == bytes);
    let mut expected = vec![clip, aside];
    expected.sort();
    assert_eq!(places(vault), expected);
}

fn objects_are_named_by_content(vault: &dyn Vault) {
    for bytes in [Vec::new(), b"{}".to_vec(), clips::bytes(4, 300_001)] {
        let digest = vault.put_object(&bytes).expect("an object can be put");
        assert_eq!(digest, Digest::of(&bytes));
        assert_eq!(vault.put_object(&bytes), Ok(digest), "asking twice is normal");
        let place = Place::Object(digest);
        assert_eq!(vault.size(&place), Ok(Some(bytes.len() as u64)));
        assert!(vault.read(&place).expect("an object can be read") == bytes);
        assert!(opened(vault, &place) == bytes, "and opened");
    }
    assert_eq!(places(vault).len(), 3);
}

fn sidecars_can_be_made_again(vault: &dyn Vault) {
    let bytes = clips::bytes(5, 100);
    kept(vault, &bytes);
    let clip = Digest::of(&bytes);
    for name in ["chunks", "sshsig"] {
        let place = Place::Sidecar(clip, name.to_owned());
        assert_eq!(vault.read(&place).map_err(|e| e.kind), Err(Kind::Missing));
        for text in [&b"first and longer"[..], b"second"] {
            vault.put_sidecar(clip, name, text).expect("a sidecar can be put");
            assert_eq!(vault.read(&place).as_deref(), Ok(text), "the last one counts");
        }
        assert!(places(vault).contains(&place), "{name} is in the inventory");
    }
    assert!(opened(vault, &Place::Kept(clip)) == bytes, "the clip is untouched");
}

fn what_is_missing_is_said_to_be(vault: &dyn Vault) {
    let digest = Digest::of(b"nobody put this");
    for place in [Place::Kept(digest), Place::Object(digest), Place::Aside(digest)] {
        assert_eq!(vault.size(&place), Ok(None));
        assert_eq!(vault.open(&place).err().map(|e| e.kind), Some(Kind::Missing));
        assert_eq!(vault.read(&place).err().map(|e| e.kind), Some(Kind::Missing));
    }
    assert_eq!(places(vault), []);
}

fn a_permit_removes_its_content_and_nothing_else(vault: &dyn Vault) {
    let (going, staying) = (clips::bytes(6, 70_000), clips::bytes(7, 70_000));
    for bytes in [&going, &staying] {
        kept(vault, bytes);
        for name in ["chunks", "sshsig"] {
            vault.put_sidecar(Digest::of(bytes), name, b"sidecar").expect("a sidecar can be put");
        }
    }
    // The same bytes aside or as an object are another thing.
    let object = Place::Object(vault.put_object(&going).expect("an object can be put"));
    let digest = Digest::of(&going);
    let place = Place::Aside(digest);
    let mut aside = begin(vault, &going);
    aside.seal().expect("a copy can be sealed");
    assert!(aside.keep(&place).expect("it can be kept aside"));
    for _asking_twice_is_normal in 0..2 {
        vault.remove(permit::to_dispose(digest, 70_000)).expect("what is permitted goes");
        assert_eq!(vault.size(&Place::Kept(digest)), Ok(None), "it is gone");
        let mut left = vec![
            Place::Kept(Digest::of(&staying)),
            Place::Sidecar(Digest::of(&staying), "chunks".to_owned()),
            Place::Sidecar(Digest::of(&staying), "sshsig".to_owned()),
            place.clone(),
            object.clone(),
        ];
        left.sort();
        assert_eq!(places(vault), left, "nothing else went");
    }
    let again = kept(vault, &going);
    assert!(opened(vault, &again) == going, "it can come back as a new clip");
}

fn what_is_not_what_the_permit_says_stays(vault: &dyn Vault) {
    let bytes = clips::bytes(8, 70_000);
    let place = kept(vault, &bytes);
    for size in [0, 69_999, 70_001] {
        let refused = vault.remove(permit::to_dispose(Digest::of(&bytes), size));
        assert_eq!(refused.map_err(|e| e.kind), Err(Kind::Damaged), "{size}");
        assert!(opened(vault, &place) == bytes, "it stays");
    }
    vault
        .remove(permit::to_dispose(Digest::of(b"nobody kept this"), 9))
        .expect("it is gone already");
}
