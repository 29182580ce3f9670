//! The library's own recorder without hardware, over a folder, and a wire that can be told to go wrong.
#![allow(dead_code, clippy::unwrap_used)]

use async_trait::async_trait;
use mtp_rs::ptp::PtpError;
use mtp_rs::transport::Transport;
use mtp_rs::transport::virtual_device::VirtualTransport;
use mtp_rs::virtual_device::{VirtualDeviceConfig, VirtualStorageConfig};
use sealdock_core::listing::RawLine;
use sealdock_core::ports::Recorder;
use sealdock_core::time::Zone;
use sealdock_mtp::{ClockWay, Link, LinkOptions, MtpOptions, MtpRecorder};
use sealdock_profile::Seen;
use sealdock_testkit::SimClock;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What stands before every name of the first store.
pub const BELOW: &str = "storage-00010001/";

pub const GET_STORES: u16 = 0x1004;
pub const GET_HANDLES: u16 = 0x1007;
pub const GET_INFO: u16 = 0x1008;
pub const DELETE: u16 = 0x100b;
pub const GET_PROPERTY: u16 = 0x1015;
pub const SET_PROPERTY: u16 = 0x1016;
pub const GET_OBJECT_PROPERTY: u16 = 0x9803;

/// What goes wrong, and what went by.
#[derive(Default)]
pub struct Plan {
    pub is_gone: bool,
    /// Gone after so many more questions.
    pub gone_in: Option<u32>,
    /// Refused with this code, without reaching the recorder.
    pub refuse: Vec<(u16, u16)>,
    /// The question arrives, its answer does not.
    pub lose_answer: Option<u16>,
    /// In answers to the first: the second becomes the third.
    pub rewrite: Vec<(u16, Vec<u8>, Vec<u8>)>,
    /// Sent instead of the answer's data.
    pub instead: Vec<(u16, Vec<u8>)>,
    /// The value of every property.
    pub clock: Option<Vec<u8>>,
    /// Questions that were sent: operation and parameters.
    pub asked: Vec<(u16, Vec<u32>)>,
}

#[derive(Default)]
struct Wired {
    plan: Plan,
    own: VecDeque<Vec<u8>>,
    current: u16,
    is_silent: bool,
}

pub struct Wire {
    inner: VirtualTransport,
    state: Arc<Mutex<Wired>>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn container(kind: u16, code: u16, transaction: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (12 + payload.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(&kind.to_le_bytes());
    bytes.extend_from_slice(&code.to_le_bytes());
    bytes.extend_from_slice(&transaction.to_le_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

impl Wired {
    /// The answer that this wire gives itself; `None`: the recorder is asked.
    fn own_answer(&self, code: u16) -> Option<(Option<Vec<u8>>, u16)> {
        const OK: u16 = 0x2001;
        if let Some((_, refusal)) = self.plan.refuse.iter().find(|(op, _)| *op == code) {
            return Some((None, *refusal));
        }
        if let Some((_, data)) = self.plan.instead.iter().find(|(op, _)| *op == code) {
            return Some((Some(data.clone()), OK));
        }
        match code {
            GET_PROPERTY => self.plan.clock.clone().map(|value| (Some(value), OK)),
            SET_PROPERTY if self.plan.clock.is_some() => Some((None, OK)),
            _ => None,
        }
    }

    fn command(&mut self, data: &[u8]) -> Result<bool, PtpError> {
        let (code, transaction) = (u16_at(data, 6), u32_at(data, 8));
        let params = data[12..].chunks_exact(4).map(|p| u32_at(p, 0)).collect();
        self.plan.asked.push((code, params));
        self.current = code;
        if let Some(left) = &mut self.plan.gone_in {
            self.plan.is_gone = *left == 0;
            *left = left.saturating_sub(1);
        }
        if self.plan.is_gone {
            return Err(PtpError::Disconnected);
        }
        self.is_silent = self.plan.lose_answer == Some(code);
        let Some((payload, response)) = self.own_answer(code) else { return Ok(false) };
        self.own.extend(payload.map(|payload| container(2, code, transaction, &payload)));
        self.own.push_back(container(3, response, transaction, &[]));
        Ok(true)
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send_bulk(&self, data: &[u8]) -> Result<(), PtpError> {
        {
            let mut state = self.state.lock().unwrap();
            let is_command = u16_at(data, 4) == 1;
            if is_command && state.command(data)? {
                return Ok(());
            }
            if !is_command && state.current == SET_PROPERTY {
                state.plan.clock = Some(data[12..].to_vec());
                return Ok(());
            }
        }
        self.inner.send_bulk(data).await
    }

    async fn receive_bulk(&self, most: usize) -> Result<Vec<u8>, PtpError> {
        let rewrite = {
            let mut state = self.state.lock().unwrap();
            if state.plan.is_gone {
                return Err(PtpError::Disconnected);
            }
            if state.is_silent {
                return Err(PtpError::Timeout);
            }
            if let Some(own) = state.own.pop_front() {
                return Ok(own);
            }
            let current = state.current;
            let mine = state.plan.rewrite.iter().filter(|(op, ..)| *op == current);
            mine.cloned().collect::<Vec<_>>()
        };
        let mut bytes = self.inner.receive_bulk(most).await?;
        for (_, from, to) in rewrite {
            assert_eq!(from.len(), to.len(), "an answer keeps its length");
            if let Some(at) = bytes.windows(from.len()).position(|part| part == from) {
                bytes[at..at + to.len()].copy_from_slice(&to);
            }
        }
        Ok(bytes)
    }

    async fn receive_interrupt(&self) -> Result<Vec<u8>, PtpError> {
        self.inner.receive_interrupt().await
    }

    async fn cancel_transfer(&self, transaction: u32, idle: Duration) -> Result<(), PtpError> {
        {
            let mut state = self.state.lock().unwrap();
            if state.plan.is_gone {
                return Err(PtpError::Disconnected);
            }
            state.own.clear();
            state.is_silent = false;
        }
        self.inner.cancel_transfer(transaction, idle).await
    }
}

/// A recorder over folders of its own; they outlive the docking.
pub struct Device {
    pub folder: tempfile::TempDir,
    pub serial: String,
    pub clock: SimClock,
    state: Arc<Mutex<Wired>>,
    config: VirtualDeviceConfig,
}

impl Device {
    pub fn new(stores: usize, change: impl FnOnce(&mut VirtualDeviceConfig)) -> Device {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let store = |n: usize| {
            let backing_dir = folder.path().join(n.to_string());
            std::fs::create_dir(&backing_dir).unwrap();
            let description = format!("Store {n}");
            VirtualStorageConfig { description, capacity: 1 << 40, backing_dir, read_only: false }
        };
        let serial = format!("test-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut config = VirtualDeviceConfig {
            serial: serial.clone(),
            storages: (0..stores).map(store).collect(),
            event_poll_interval: Duration::ZERO,
            watch_backing_dirs: false,
            ..Default::default()
        };
        change(&mut config);
        let (state, clock) = (Arc::default(), SimClock::default());
        Device { folder, serial, clock, state, config }
    }

    pub fn one() -> Device {
        Device::new(1, |_| ())
    }

    /// Where the first store's files lie.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("0").join(name)
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        put(&self.at(name), bytes);
    }

    pub fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.state.lock().unwrap().plan);
    }

    pub fn asked(&self, code: u16) -> Vec<Vec<u32>> {
        let state = self.state.lock().unwrap();
        let asked = state.plan.asked.iter().filter(|(op, _)| *op == code);
        asked.map(|(_, params)| params.clone()).collect()
    }

    pub fn dock(&self) -> MtpRecorder {
        self.dock_as(LinkOptions::default())
    }

    pub fn dock_as(&self, link: LinkOptions) -> MtpRecorder {
        let inner = VirtualTransport::new(self.config.clone());
        let wire = Wire { inner, state: Arc::clone(&self.state) };
        let options = MtpOptions {
            epoch: 1,
            seen: Seen::default(),
            zone: Zone::parse("+08:00").unwrap(),
            clock: Some(ClockWay { code: 0x5011 }),
            station_clock: Arc::new(self.clock.clone()),
        };
        MtpRecorder::new(Link::open(Arc::new(wire), link).unwrap(), options)
    }
}

/// What is said of a file of 4 bytes in the first store.
pub fn info(name: &str, protection: u16, association: u16) -> Vec<u8> {
    const FILE: u16 = 0x3000;
    let mut bytes = 0x10001u32.to_le_bytes().to_vec();
    bytes.extend([FILE, protection].map(u16::to_le_bytes).concat());
    bytes.extend(4u32.to_le_bytes());
    bytes.extend([0; 2 + 6 * 4 + 4]);
    bytes.extend(association.to_le_bytes());
    bytes.extend([0; 8]);
    let units: Vec<u16> = name.encode_utf16().chain([0]).collect();
    bytes.push(units.len() as u8);
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes.extend([0; 3]);
    bytes
}

pub fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

pub fn lines(recorder: &mut dyn Recorder) -> Vec<RawLine> {
    recorder.list().unwrap().lines
}

/// The line of a name below the first store.
pub fn line(recorder: &mut dyn Recorder, name: &str) -> RawLine {
    let wanted = format!("{BELOW}{name}").into_bytes();
    lines(recorder).into_iter().find(|l| l.raw_name == wanted).expect("the name is listed")
}
