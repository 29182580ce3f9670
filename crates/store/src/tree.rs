//! The Merkle tree in the database: leaves beside the entries, every eighth level as nodes, the
//! right edge as one row. What lies between is computed from at most 256 hashes below.

use crate::error::{Doing, damaged};
use rusqlite::{Connection, OptionalExtension as _};
use sealdock_chain::digest::Digest;
use sealdock_chain::tree::{Frontier, NodeSource};
use sealdock_core::ports::PortResult;

/// Levels between two that are stored: the height of a tile.
const STRIDE: u32 = 8;

/// Is the node of this level kept in the table `node`?
pub(crate) fn is_kept(level: u32) -> bool {
    level > 0 && level.is_multiple_of(STRIDE)
}

/// The stored right edge.
pub(crate) fn frontier(conn: &Connection) -> PortResult<Frontier> {
    let reading = || "read the right edge of the tree".to_owned();
    let (size, nodes): (u64, Vec<u8>) = conn
        .prepare_cached("SELECT size, nodes FROM frontier WHERE id = 1")
        .and_then(|mut statement| statement.query_row([], |r| Ok((r.get(0)?, r.get(1)?))))
        .doing(reading)?;
    let (nodes, rest) = nodes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(damaged(
            "the stored right edge of the tree is malformed; run `sealdock check`",
        ));
    }
    Frontier::from_parts(size, nodes.iter().copied().map(Digest).collect())
        .map_err(|error| damaged(error.to_string()))
}

pub(crate) fn store_frontier(conn: &Connection, frontier: &Frontier) -> PortResult<()> {
    let nodes: Vec<u8> = frontier.nodes().iter().flat_map(|node| node.0).collect();
    conn.prepare_cached("UPDATE frontier SET size = ?1, nodes = ?2 WHERE id = 1")
        .and_then(|mut statement| statement.execute((frontier.size(), nodes)))
        .doing(|| "store the right edge of the tree".into())?;
    Ok(())
}

pub(crate) fn store_node(
    conn: &Connection,
    level: u32,
    index: u64,
    hash: Digest,
) -> PortResult<()> {
    conn.prepare_cached("INSERT INTO node (level, idx, hash) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute((level, index, hash.0)))
        .doing(|| format!("store tree node {index} of level {level}"))?;
    Ok(())
}

/// A stored node as it is.
pub(crate) fn kept_node(conn: &Connection, level: u32, index: u64) -> PortResult<Option<Digest>> {
    conn.prepare_cached("SELECT hash FROM node WHERE level = ?1 AND idx = ?2")
        .and_then(|mut statement| {
            statement.query_row((level, index), |r| r.get::<_, [u8; 32]>(0)).optional()
        })
        .map(|hash| hash.map(Digest))
        .doing(|| format!("read tree node {index} of level {level}"))
}

/// The perfect subtree of 2^level leaves at `index`; `None` if any part of it is not stored.
pub(crate) fn subtree(conn: &Connection, level: u32, index: u64) -> PortResult<Option<Digest>> {
    if level >= u64::BITS || index.leading_zeros() <= level {
        return Ok(None);
    }
    if is_kept(level) {
        return kept_node(conn, level, index);
    }
    let height = level % STRIDE;
    let below = level - height;
    let first = index << height;
    let past = first + (1 << height);
    let mut edge = Frontier::new();
    let reading = || format!("read the hashes below tree node {index} of level {level}");
    let sql = if below == 0 {
        "SELECT leaf FROM entry WHERE seq >= ?1 AND seq < ?2 AND ?3 = 0 ORDER BY seq"
    } else {
        "SELECT hash FROM node WHERE level = ?3 AND idx >= ?1 AND idx < ?2 ORDER BY idx"
    };
    let mut statement = conn.prepare_cached(sql).doing(reading)?;
    let mut rows = statement.query((first, past, below)).doing(reading)?;
    while let Some(row) = rows.next().doing(reading)? {
        edge.push(Digest(row.get(0).doing(reading)?));
    }
    Ok((edge.size() == 1 << height).then(|| edge.root()))
}

/// The tree of one connection, for proofs and roots of `chain`.
pub(crate) struct StoredTree<'c>(pub(crate) &'c Connection);

impl NodeSource for StoredTree<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        // A node that can not be read is a node that is not there: the caller names it.
        subtree(self.0, level, index).ok().flatten()
    }
}

/// The root over the first `size` entries, from stored hashes.
pub(crate) fn root_at(conn: &Connection, size: u64) -> PortResult<Digest> {
    sealdock_chain::tree::root_of(&StoredTree(conn), size)
        .map_err(|error| damaged(error.to_string()))
}

/// The right edge as it was at an earlier `size`, from stored hashes.
pub(crate) fn frontier_at(conn: &Connection, size: u64) -> PortResult<Frontier> {
    let mut nodes = Vec::new();
    let mut first = 0u64;
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        let index = first >> level;
        let node = subtree(conn, level, index)?.ok_or_else(|| {
            damaged(format!(
                "tree node {index} of level {level} is not stored; run `sealdock check`"
            ))
        })?;
        nodes.push(node);
        first += 1 << level;
    }
    Frontier::from_parts(size, nodes).map_err(|error| damaged(error.to_string()))
}
