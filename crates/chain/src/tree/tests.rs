use std::collections::HashMap;

use super::*;

const SIZE: u64 = 130;

/// The roots of the first 1 to 8 leaves below: the vectors every
/// implementation of Certificate Transparency is tested with.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

#[derive(Default)]
struct Nodes(HashMap<(u32, u64), Digest>);

impl NodeSource for Nodes {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.0.get(&(level, index)).copied()
    }
}

/// A tree of `SIZE` leaves, its leaves, and its roots at sizes 0 to `SIZE`.
fn grown() -> (Nodes, Vec<Digest>, Vec<Digest>) {
    let leaves: Vec<Digest> = (0..SIZE).map(|i| leaf_hash(&i.to_be_bytes())).collect();
    let (mut frontier, mut nodes) = (Frontier::new(), Nodes::default());
    let mut roots = vec![frontier.root()];
    for leaf in &leaves {
        frontier.push_with(*leaf, |level, index, hash| {
            assert_eq!(nodes.0.insert((level, index), hash), None, "each node completes once");
        });
        roots.push(frontier.root());
    }
    (nodes, leaves, roots)
}

/// MTH, word by word from RFC 6962 §2.1.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

/// PATH, word by word from RFC 6962 §2.1.1.
fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut hashes, sibling) = match m.checked_sub(left.len()) {
        None => (path(m, left), mth(right)),
        Some(m) => (path(m, right), mth(left)),
    };
    hashes.push(sibling);
    hashes
}

/// SUBPROOF, word by word from RFC 6962 §2.1.2.
fn subproof(m: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut hashes, sibling) = if m <= left.len() {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - left.len(), right, false), mth(left))
    };
    hashes.push(sibling);
    hashes
}

fn flip(hash: &mut Digest, bit: usize) {
    hash.0[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn the_vectors_of_certificate_transparency() {
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), Digest::of(b""));
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        frontier.push(leaf_hash(leaf));
        assert_eq!(frontier.root().to_string(), root);
    }
    let proof: Vec<String> =
        path(5, &LEAVES.map(leaf_hash)).iter().map(ToString::to_string).collect();
    assert_eq!(
        proof,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn roots_and_nodes_are_those_of_the_definition() {
    let (nodes, leaves, roots) = grown();
    for size in 0..=SIZE {
        let expected = mth(&leaves[..size as usize]);
        assert_eq!(roots[size as usize], expected, "frontier at {size}");
        assert_eq!(root_of(&nodes, size), Ok(expected), "nodes at {size}");
    }
    for ((level, index), hash) in &nodes.0 {
        let from = (index << level) as usize;
        assert_eq!(*hash, mth(&leaves[from..from + (1 << level)]));
    }
}

#[test]
fn a_frontier_resumes_from_its_parts() {
    let (_, leaves, roots) = grown();
    for size in 0..SIZE as usize {
        let mut grown = Frontier::new();
        leaves[..size].iter().for_each(|leaf| grown.push(*leaf));
        let mut resumed = Frontier::from_parts(grown.size(), grown.nodes().to_vec()).unwrap();
        assert_eq!(resumed, grown);
        resumed.push(leaves[size]);
        assert_eq!(resumed.root(), roots[size + 1]);
        let mut odd = grown.nodes().to_vec();
        odd.push(Digest::ZERO);
        let found = odd.len();
        assert_eq!(
            Frontier::from_parts(size as u64, odd),
            Err(TreeError::FrontierShape {
                size: size as u64,
                expected: (size as u64).count_ones(),
                found
            })
        );
    }
}

#[test]
fn every_inclusion_proof_up_to_130_is_that_of_the_definition_and_verifies() {
    let (nodes, leaves, roots) = grown();
    for size in 1..=SIZE {
        let root = &roots[size as usize];
        for index in 0..size {
            let leaf = &leaves[index as usize];
            let proof = inclusion_proof(&nodes, index, size).unwrap();
            assert_eq!(proof, path(index as usize, &leaves[..size as usize]));
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
            for at in 0..proof.len() {
                let mut edited = proof.clone();
                flip(&mut edited[at], (index as usize * 7 + at) % 256);
                assert!(verify_inclusion(leaf, index, size, &edited, root).is_err());
            }
            let longer = [proof.as_slice(), &[Digest::ZERO]].concat();
            let length = Err(ProofError::Length(longer.len()));
            assert_eq!(verify_inclusion(leaf, index, size, &longer, root), length);
            if let Some((_, shorter)) = proof.split_last() {
                let length = Err(ProofError::Length(shorter.len()));
                assert_eq!(verify_inclusion(leaf, index, size, shorter, root), length);
            }
        }
    }
}

#[test]
fn every_consistency_proof_up_to_130_is_that_of_the_definition_and_verifies() {
    let (nodes, leaves, roots) = grown();
    for new in 1..=SIZE {
        let new_root = &roots[new as usize];
        for old in 1..=new {
            let old_root = &roots[old as usize];
            let proof = consistency_proof(&nodes, old, new).unwrap();
            assert_eq!(proof, subproof(old as usize, &leaves[..new as usize], true));
            let verify = |proof: &[Digest]| verify_consistency(old, old_root, new, new_root, proof);
            assert_eq!(verify(&proof), Ok(()));
            for at in 0..proof.len() {
                let mut edited = proof.clone();
                flip(&mut edited[at], (old as usize * 11 + at) % 256);
                assert!(verify(&edited).is_err(), "{old} to {new}, hash {at}");
            }
            let longer = [proof.as_slice(), &[Digest::ZERO]].concat();
            assert_eq!(verify(&longer), Err(ProofError::Length(longer.len())));
            if let Some((_, shorter)) = proof.split_last() {
                assert_eq!(verify(shorter), Err(ProofError::Length(shorter.len())));
            }
            let (lie, at) = (Digest::ZERO, (old, new));
            assert!(verify_consistency(at.0, &lie, at.1, new_root, &proof).is_err());
            assert!(verify_consistency(at.0, old_root, at.1, &lie, &proof).is_err());
        }
    }
}

#[test]
fn no_flipped_bit_and_no_other_position_passes() {
    let (nodes, leaves, roots) = grown();
    for (index, size) in [(0, 2), (1, 2), (4, 5), (6, 7), (9, 13), (128, 129), (77, 130)] {
        let (leaf, root) = (leaves[index as usize], roots[size as usize]);
        let proof = inclusion_proof(&nodes, index, size).unwrap();
        for bit in 0..proof.len() * 256 {
            let mut edited = proof.clone();
            flip(&mut edited[bit / 256], bit % 256);
            assert!(verify_inclusion(&leaf, index, size, &edited, &root).is_err());
        }
        for bit in 0..256 {
            let (mut other_leaf, mut other_root) = (leaf, root);
            flip(&mut other_leaf, bit);
            flip(&mut other_root, bit);
            assert!(verify_inclusion(&other_leaf, index, size, &proof, &root).is_err());
            assert!(verify_inclusion(&leaf, index, size, &proof, &other_root).is_err());
        }
        for other in (0..=size).filter(|other| *other != index) {
            assert!(verify_inclusion(&leaf, other, size, &proof, &root).is_err());
        }
    }
    for (old, new) in [(1, 2), (3, 4), (3, 7), (6, 8), (65, 130), (127, 130)] {
        let proof = consistency_proof(&nodes, old, new).unwrap();
        let ends = (&roots[old as usize], &roots[new as usize]);
        for bit in 0..proof.len() * 256 {
            let mut edited = proof.clone();
            flip(&mut edited[bit / 256], bit % 256);
            assert!(verify_consistency(old, ends.0, new, ends.1, &edited).is_err());
        }
    }
}

#[test]
fn growth_from_nothing_and_no_growth_need_no_proof() {
    let (nodes, _, roots) = grown();
    let (empty, seven) = (&roots[0], &roots[7]);
    assert_eq!(consistency_proof(&nodes, 0, 7), Ok(vec![]));
    assert_eq!(verify_consistency(0, empty, 7, seven, &[]), Ok(()));
    assert_eq!(verify_consistency(7, seven, 7, seven, &[]), Ok(()));
    assert_eq!(verify_consistency(0, empty, 0, empty, &[]), Ok(()));
    assert!(matches!(verify_consistency(7, empty, 7, seven, &[]), Err(ProofError::OldRoot { .. })));
    assert!(matches!(verify_consistency(0, seven, 7, seven, &[]), Err(ProofError::OldRoot { .. })));
    assert!(matches!(verify_consistency(0, empty, 0, seven, &[]), Err(ProofError::Root { .. })));
    for old in [0, 7] {
        let result = verify_consistency(old, &roots[old as usize], 7, seven, &[*seven]);
        assert_eq!(result, Err(ProofError::Length(1)));
    }
}

#[test]
fn questions_outside_the_tree_are_refused() {
    let (mut nodes, leaves, roots) = grown();
    let outside = TreeError::OutsideTree { index: 7, size: 7 };
    assert_eq!(inclusion_proof(&nodes, 7, 7), Err(outside));
    assert_eq!(consistency_proof(&nodes, 8, 7), Err(TreeError::Shrinking { old: 8, new: 7 }));
    assert_eq!(
        verify_inclusion(&leaves[0], 7, 7, &[], &roots[7]),
        Err(ProofError::OutsideTree { index: 7, size: 7 })
    );
    assert_eq!(
        verify_consistency(8, &roots[8], 7, &roots[7], &[]),
        Err(ProofError::Shrunk { old: 8, new: 7 })
    );
    nodes.0.remove(&(1, 1));
    let missing = TreeError::MissingNode { level: 1, index: 1 };
    assert_eq!(inclusion_proof(&nodes, 0, 7), Err(missing.clone()));
    assert_eq!(consistency_proof(&nodes, 3, 4), Ok(vec![leaves[2], leaves[3], mth(&leaves[..2])]));
    assert_eq!(root_of(&Nodes::default(), 6), Err(TreeError::MissingNode { level: 2, index: 0 }));
}

#[test]
fn huge_sizes_do_not_overflow() {
    let leaf = Digest::of(b"leaf");
    for size in [u64::MAX, 1 << 63] {
        let nodes = vec![leaf; size.count_ones() as usize];
        assert_eq!(Frontier::from_parts(size, nodes), Err(TreeError::FrontierSize(size)));
    }
    let mut largest = Frontier::from_parts(SIZE_MAX, vec![leaf; 63]).unwrap();
    largest.push(leaf);
    assert_eq!((largest.size(), largest.nodes().len()), (1 << 63, 1));
    for size in [u64::MAX, u64::MAX - 1, 1 << 63] {
        for index in [0, 1, size / 2, size - 1] {
            assert!(verify_inclusion(&leaf, index, size, &[leaf; 63], &leaf).is_err());
            assert!(verify_inclusion(&leaf, index, size, &[leaf; 70], &leaf).is_err());
            let old = index.max(1);
            assert!(verify_consistency(old, &leaf, size, &leaf, &[leaf; 63]).is_err());
            assert!(verify_consistency(old, &leaf, size, &leaf, &[leaf; 70]).is_err());
        }
        assert_eq!(
            root_of(&Nodes::default(), size)
                .map_err(|e| matches!(e, TreeError::MissingNode { .. })),
            Err(true)
        );
    }
}

#[test]
fn an_included_value_says_what_was_checked() {
    let (nodes, leaves, roots) = grown();
    let checkpoint =
        crate::Checkpoint { origin: "test.example/log".into(), size: 7, root: roots[7] };
    let proof = inclusion_proof(&nodes, 3, 7).unwrap();
    let included = Included::check(&3u64.to_be_bytes(), 3, &proof, &checkpoint).unwrap();
    assert_eq!(
        (included.seq(), included.leaf(), included.root(), included.size()),
        (3, leaves[3], roots[7], 7)
    );
    assert!(Included::check(&4u64.to_be_bytes(), 3, &proof, &checkpoint).is_err());
    assert!(Included::check(&3u64.to_be_bytes(), 2, &proof, &checkpoint).is_err());
}
