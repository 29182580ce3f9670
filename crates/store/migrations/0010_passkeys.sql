-- Keys of authenticators that are shown instead of a PIN; the entry that added one is `seq`. Filled from the chain.
CREATE TABLE passkey (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    label TEXT NOT NULL,
    party TEXT NOT NULL,
    credential TEXT NOT NULL,
    public TEXT NOT NULL,
    synced INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    pin_seq INTEGER NOT NULL,
    added TEXT NOT NULL,
    used TEXT,
    cloned INTEGER NOT NULL,
    ended_seq INTEGER
) STRICT;
CREATE INDEX passkey_by_person ON passkey (person);
CREATE INDEX passkey_by_credential ON passkey (credential);
