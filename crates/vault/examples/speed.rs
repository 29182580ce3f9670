//! How fast a copy goes through a vault: write and seal, then a cold reading. Compare with
//! `dd oflag=direct` on the same disk. Usage: `cargo run --release --example speed -- DIR [MiB]`

use sealdock_core::block::Block;
use sealdock_core::ports::{PortResult, Vault};
use sealdock_vault::{DiskVault, VaultOptions, qualify};
use std::path::PathBuf;
use std::time::Instant;

const MIB: u64 = 1 << 20;

fn main() -> PortResult<()> {
    let mut arguments = std::env::args_os().skip(1);
    let dir =
        arguments.next().map_or_else(|| std::env::temp_dir().join("vault-speed"), PathBuf::from);
    let size = arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(2048) * MIB;
    let options = VaultOptions { reserve_bytes: 0, immutable: false, ..VaultOptions::default() };
    let vault = DiskVault::create_with(&dir, options)?;
    println!("{:#?}", qualify(&dir)?);

    let mut block = Block::new(MIB as usize);
    for (index, byte) in block.room().iter_mut().enumerate() {
        *byte = (index * 31 % 251) as u8;
    }
    block.set_filled(MIB as usize);
    let started = Instant::now();
    let mut copy = vault.begin(size)?;
    for _ in 0..size / MIB {
        copy.write(&mut block)?;
    }
    copy.seal()?;
    report("write and seal", size, started);

    let started = Instant::now();
    let mut source = copy.read_back()?;
    let mut offset = 0;
    loop {
        let count = source.read_at(offset, &mut block)?;
        if count == 0 {
            break;
        }
        offset += count as u64;
    }
    assert_eq!(offset, size, "the whole copy was read");
    report(&format!("read back ({})", source.method()), size, started);
    copy.discard()
}

fn report(what: &str, size: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {:.0} MB/s ({seconds:.2} s)", size as f64 / 1e6 / seconds);
}
