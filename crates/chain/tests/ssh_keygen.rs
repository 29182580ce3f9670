//! Clip signatures against the stock `ssh-keygen`, in both directions. The
//! tool is part of the acceptance: without it these tests fail.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{evidence_signing, log_signing};
use ed25519_dalek::Signer as _;
use sealdock_chain::Digest;
use sealdock_chain::sshsig::{
    CLIP_NAMESPACE, allowed_signers_line, armor, public_line, signed_bytes, verify,
};

const CLIP: &[u8] = b"not really a clip, but these bytes are as good as any";

fn public() -> [u8; 32] {
    evidence_signing().verifying_key().to_bytes()
}

fn signature_over(clip: &[u8]) -> String {
    let message = signed_bytes(CLIP_NAMESPACE, &Digest::of(clip));
    armor(&public(), CLIP_NAMESPACE, evidence_signing().sign(&message).to_bytes())
}

fn ssh_keygen(folder: &Path, clip: &[u8], arguments: &[&str]) -> Output {
    fs::write(folder.join("clip"), clip).unwrap();
    Command::new("ssh-keygen")
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::from(File::open(folder.join("clip")).unwrap()))
        .output()
        .expect("ssh-keygen (OpenSSH 8.1 or later) must be installed")
}

const VERIFY: [&str; 10] =
    ["-Y", "verify", "-f", "allowed", "-I", "station7", "-n", CLIP_NAMESPACE, "-s", "clip.sig"];

fn accepts(folder: &Path, clip: &[u8]) -> bool {
    let output = ssh_keygen(folder, clip, &VERIFY);
    output.status.success() && output.stdout.starts_with(b"Good \"clip@sealdock\" signature")
}

fn prepare(folder: &Path, after: Option<&str>, before: Option<&str>) {
    let line = allowed_signers_line("station7", CLIP_NAMESPACE, &public(), after, before).unwrap();
    fs::write(folder.join("allowed"), line + "\n").unwrap();
    fs::write(folder.join("clip.sig"), signature_over(CLIP)).unwrap();
}

#[test]
fn ssh_keygen_accepts_ours() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, None, None);
    assert!(accepts(folder, CLIP));
    assert!(!accepts(folder, b"another clip"));
    prepare(folder, Some("20200101"), Some("29990101000000Z"));
    assert!(accepts(folder, CLIP));
    prepare(folder, None, Some("20200101000000"));
    assert!(!accepts(folder, CLIP));
    prepare(folder, Some("299901010000Z"), None);
    assert!(!accepts(folder, CLIP));
    let other = allowed_signers_line("station7", "file", &public(), None, None).unwrap();
    fs::write(folder.join("allowed"), other + "\n").unwrap();
    assert!(!accepts(folder, CLIP));
    let stranger = log_signing().verifying_key().to_bytes();
    let other = allowed_signers_line("station7", CLIP_NAMESPACE, &stranger, None, None).unwrap();
    fs::write(folder.join("allowed"), other + "\n").unwrap();
    assert!(!accepts(folder, CLIP));
}

#[test]
fn ssh_keygen_refuses_a_revoked_key() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, None, None);
    fs::write(folder.join("revoked"), public_line(&public(), "station7") + "\n").unwrap();
    let revoking = [VERIFY.as_slice(), &["-r", "revoked"]].concat();
    assert!(accepts(folder, CLIP));
    assert!(!ssh_keygen(folder, CLIP, &revoking).status.success());
}

#[test]
fn ssh_keygen_reads_our_public_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("key.pub"), public_line(&public(), "station7")).unwrap();
    let output = ssh_keygen(folder, b"", &["-l", "-f", "key.pub"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.ends_with("station7 (ED25519)\n"), "{text}");
}

#[test]
fn we_accept_what_ssh_keygen_signs_over_sha256() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = ssh_keygen(folder, CLIP, &["-q", "-t", "ed25519", "-N", "", "-f", "key"]);
    assert!(made.status.success());
    let line = fs::read_to_string(folder.join("key.pub")).unwrap();
    let blob = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        line.split(' ').nth(1).unwrap(),
    );
    let key: [u8; 32] = *blob.unwrap().last_chunk().unwrap();
    let sign = |option: &str| {
        let arguments = ["-Y", "sign", "-O", option, "-f", "key", "-n", CLIP_NAMESPACE];
        let output = ssh_keygen(folder, CLIP, &arguments);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let sha256 = Digest::of(CLIP);
    assert_eq!(verify(&sign("hashalg=sha256"), &key, CLIP_NAMESPACE, &sha256), Ok(()));
    assert!(verify(&sign("hashalg=sha512"), &key, CLIP_NAMESPACE, &sha256).is_err());
}
