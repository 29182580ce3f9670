//! Identity as a card claims it. Claims are gathered, never weighed: two that disagree are a conflict
//! that a person resolves.

/// Distinct numbers from the names of files, each list in the order of first appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentityClaims {
    /// Device numbers; more than one means that the card was moved or files were put on it.
    pub devices: Vec<String>,
    /// Officer numbers; more than one is a recorder that several people used.
    pub officers: Vec<String>,
}

impl IdentityClaims {
    pub(crate) fn add(&mut self, device: Option<String>, officer: Option<String>) {
        push_new(&mut self.devices, device);
        push_new(&mut self.officers, officer);
    }

    /// Names the device numbers if there are two or more on one card.
    pub fn conflict(&self) -> Option<String> {
        (self.devices.len() > 1).then(|| {
            format!("files on this card name several recorders: {}", self.devices.join(", "))
        })
    }
}

fn push_new(list: &mut Vec<String>, number: Option<String>) {
    if let Some(number) = number
        && !list.contains(&number)
    {
        list.push(number);
    }
}
