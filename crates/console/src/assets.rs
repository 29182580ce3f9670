//! Style and script.

/// One file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    pub name: &'static str,
    pub kind: &'static str,
    pub body: &'static str,
}

pub const STYLE: Asset = Asset {
    name: "console.css",
    kind: "text/css; charset=utf-8",
    body: include_str!("../assets/console.css"),
};

pub const SCRIPT: Asset = Asset {
    name: "console.js",
    kind: "text/javascript; charset=utf-8",
    body: include_str!("../assets/console.js"),
};

pub const VIEW_SCRIPT: Asset = Asset {
    name: "view.js",
    kind: "text/javascript; charset=utf-8",
    body: include_str!("../assets/view.js"),
};

pub const PASSKEY_SCRIPT: Asset = Asset {
    name: "passkey.js",
    kind: "text/javascript; charset=utf-8",
    body: include_str!("../assets/passkey.js"),
};

pub const ICON: Asset = Asset {
    name: "icon.svg",
    kind: "image/svg+xml; charset=utf-8",
    body: include_str!("../assets/icon.svg"),
};

/// Served below `/static/`.
pub fn find(name: &str) -> Option<Asset> {
    [STYLE, SCRIPT, VIEW_SCRIPT, PASSKEY_SCRIPT, ICON].into_iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_needs_less_than_200_kb_besides_itself() {
        let all = [STYLE, SCRIPT, VIEW_SCRIPT, PASSKEY_SCRIPT, ICON];
        let all: usize = all.iter().map(|asset| asset.body.len()).sum();
        assert!(all < 60_000, "{all} bytes");
        assert!(find("console.css").is_some() && find("../Cargo.toml").is_none());
    }
}
