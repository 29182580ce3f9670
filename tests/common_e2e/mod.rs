//! What the end-to-end tests on real disks share: a station made and driven by the product's own
//! command line, ext4 volumes on loop devices, and digests that the product had no hand in.

// Each test program uses its part of this.
#![allow(dead_code)]

pub mod files;
pub mod station;
pub mod volume;
