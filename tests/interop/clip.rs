//! A real clip with its detached signature, and stock `ssh-keygen` as its judge.

use crate::judges::Verdict;
use ed25519_dalek::{Signer, SigningKey};
use sealdock_chain::{Digest, sshsig};
use std::path::Path;
use std::process::{Command, Stdio};

const STATION: &str = "station7";

/// What a court is handed: the clip, its `.sig`, and who may have signed.
#[derive(Clone)]
pub struct Signed {
    /// The clip's bytes.
    pub content: Vec<u8>,
    signature: String,
    signers: String,
}

impl Signed {
    /// Signs a clip of real footage with a key that is valid through 2026.
    pub fn clip(name: &str) -> Self {
        let folder = std::env::var_os("SEALDOCK_MEDIA")
            .expect("SEALDOCK_MEDIA is not set: run this test through `cargo xtask test`");
        let content = std::fs::read(Path::new(&folder).join(name)).expect("a real clip");
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key().to_bytes();
        let namespace = sshsig::CLIP_NAMESPACE;
        let bytes = sshsig::signed_bytes(namespace, &Digest::of(&content));
        let signature = sshsig::armor(&public, namespace, key.sign(&bytes).to_bytes());
        let (after, before) = (Some("20260101"), Some("20270101"));
        let signers = sshsig::allowed_signers_line(STATION, namespace, &public, after, before)
            .expect("a plain name and plain times");
        Signed { content, signature, signers }
    }

    /// The same, the key allowed for another purpose only.
    pub fn allowed_for(mut self, namespace: &str) -> Self {
        self.signers = self.signers.replace(sshsig::CLIP_NAMESPACE, namespace);
        self
    }

    /// Asks `ssh-keygen -Y verify` as of a day (YYYYMMDD).
    pub fn judged(&self, day: &str) -> Verdict {
        let folder = tempfile::tempdir().expect("a folder for the signature");
        let place = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("a file to judge");
            path
        };
        let clip = std::fs::File::open(place("clip", &self.content)).expect("the clip");
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "verify", "-I", STATION, "-n", sshsig::CLIP_NAMESPACE]);
        command.arg("-O").arg(format!("verify-time={day}"));
        command.arg("-f").arg(place("allowed_signers", format!("{}\n", self.signers).as_bytes()));
        command.arg("-s").arg(place("clip.sig", self.signature.as_bytes()));
        let output = command.stdin(Stdio::from(clip)).output().expect("ssh-keygen is installed");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        // 255 is its only refusal; anything else is a fault of this test.
        assert!(matches!(output.status.code(), Some(0 | 255)), "{command:?}: {said}");
        Verdict { accepted: output.status.success(), said }
    }
}
