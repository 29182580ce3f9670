use super::*;
use crate::tree::{Frontier, leaf_hash};

struct Numbers;

impl NodeSource for Numbers {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        let mut hash = [0; 32];
        hash[0] = level as u8;
        hash[24..].copy_from_slice(&index.to_be_bytes());
        Some(Digest(hash))
    }
}

fn paths(size: u64) -> Vec<String> {
    TilePlan::new(size)
        .map(|(path, kind)| {
            assert_eq!(path, kind.path());
            path
        })
        .collect()
}

#[test]
fn paths_group_digits_by_three() {
    assert_eq!(tile_path(0, 0, 256), "tile/0/000");
    assert_eq!(tile_path(1, 999, 256), "tile/1/999");
    assert_eq!(tile_path(0, 1000, 256), "tile/0/x001/000");
    assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile_path(2, 1_234_067, 5), "tile/2/x001/x234/067.p/5");
    assert_eq!(entries_path(273, 112), "tile/entries/273.p/112");
    assert_eq!(tile_path(0, 1_000_000_000, 256), "tile/0/x001/x000/x000/000");
}

#[test]
fn the_plan_lists_what_the_specification_demands() {
    assert!(paths(0).is_empty());
    assert_eq!(paths(1), ["tile/0/000.p/1", "tile/entries/000.p/1"]);
    assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    assert_eq!(
        paths(700),
        [
            "tile/0/000",
            "tile/0/001",
            "tile/0/002.p/188",
            "tile/1/000.p/2",
            "tile/entries/000",
            "tile/entries/001",
            "tile/entries/002.p/188",
        ]
    );
    // 70,000 = 273 * 256 + 112; 273 = 256 + 17.
    let large = paths(70_000);
    assert_eq!(large.len(), 274 + 2 + 1 + 274);
    for path in ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(large.iter().any(|known| known == path), "{path}");
    }
}

#[test]
fn the_plan_covers_each_level_once_and_ends() {
    for size in (0..2000).chain([65_535, 65_536, 65_537]) {
        let mut plan = TilePlan::new(size);
        let (mut covered, mut entries) = ([0u64; 4], 0);
        for (_, kind) in plan.by_ref() {
            let (seen, index, width) = match kind {
                TileKind::Hashes { level, index, width } => {
                    (&mut covered[level as usize], index, width)
                }
                TileKind::Entries { index, width } => (&mut entries, index, width),
            };
            assert_eq!(*seen, index * TILE_WIDTH);
            assert!((1..=TILE_WIDTH).contains(&width));
            *seen += width;
        }
        assert_eq!((covered, entries), ([size, size >> 8, size >> 16, 0], size));
        assert_eq!(plan.next(), None);
    }
    assert_eq!(TilePlan::new(u64::MAX).nth(1000).unwrap().0, "tile/0/x001/000");
}

#[test]
fn tiles_hold_the_nodes_of_every_eighth_level() {
    let bytes = tile_bytes(&Numbers, 2, 3, 5).unwrap();
    assert_eq!(bytes.len(), 5 * 32);
    let last = Numbers.node(16, 3 * 256 + 4).unwrap();
    assert_eq!(bytes[4 * 32..], last.0);
    assert_eq!(tile_bytes(&Numbers, 0, 0, 256).unwrap().len(), 8192);
}

#[test]
fn a_full_tile_hashes_to_the_hash_above_it() {
    let mut nodes = std::collections::HashMap::new();
    let mut frontier = Frontier::new();
    for i in 0..300u64 {
        frontier.push_with(leaf_hash(&i.to_be_bytes()), |level, index, hash| {
            nodes.insert((level, index), hash);
        });
    }
    struct Stored(std::collections::HashMap<(u32, u64), Digest>);
    impl NodeSource for Stored {
        fn node(&self, level: u32, index: u64) -> Option<Digest> {
            self.0.get(&(level, index)).copied()
        }
    }
    let nodes = Stored(nodes);
    let mut tile = Frontier::new();
    for hash in tile_bytes(&nodes, 0, 0, 256).unwrap().chunks(32) {
        tile.push(Digest(hash.try_into().unwrap()));
    }
    assert_eq!(tile_bytes(&nodes, 1, 0, 1).unwrap(), tile.root().0);
    assert_eq!(tile_bytes(&nodes, 0, 1, 45), Err(TreeError::MissingNode { level: 0, index: 300 }));
}

#[test]
fn bundles_read_back() {
    let longest = vec![b'x'; ENTRY_BYTES_MAX];
    let entries: [&[u8]; 4] = [b"one", b"", &longest, b"four"];
    let bundle = entry_bundle(&entries).unwrap();
    assert_eq!(bundle[..7], *b"\x00\x03one\x00\x00");
    assert_eq!(entries_in(&bundle).unwrap(), entries);
    assert_eq!(entries_in(b"").unwrap(), [b""; 0]);
    let over = vec![b'x'; 65_536];
    assert_eq!(
        entry_bundle(&[b"one", &over]),
        Err(TilesError::EntryTooLong { index: 1, bytes: 65_536 })
    );
}

#[test]
fn a_bundle_cut_anywhere_but_between_entries_is_refused() {
    let bundle = entry_bundle(&[b"one", b"two"]).unwrap();
    for length in 0..bundle.len() {
        let whole = [0, 5].contains(&length);
        assert_eq!(entries_in(&bundle[..length]).is_ok(), whole, "{length} bytes");
    }
    assert_eq!(entries_in(b"\x00\x01a\xff\xffb"), Err(TilesError::CutOff(1)));
}
