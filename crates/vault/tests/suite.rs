//! The contract that the simulated vault keeps too.

mod common;

use sealdock_core::ports::Vault;
use sealdock_vault::DiskVault;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_vault_on_a_directory_keeps_the_contract_of_the_port() {
    let (dir, count) = (common::dir(), AtomicUsize::new(0));
    sealdock_testkit::suite::vault(|| {
        let at = dir.path().join(count.fetch_add(1, Ordering::Relaxed).to_string());
        let vault = DiskVault::create_with(&at, common::options()).expect("a new vault");
        Box::new(vault) as Box<dyn Vault>
    });
}
