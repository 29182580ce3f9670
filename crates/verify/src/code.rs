//! The table of codes in `docs/design/export.md`, as types. A test holds the two against each other.

/// The verdict on the whole, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// A signature, proof, link or digest is wrong, or two heads contradict.
    Tampered,
    /// Bytes of a clip differ; the record of it is sound.
    Damaged,
    /// Something that a package must have is missing.
    Incomplete,
    /// Nobody said apart from the folder which key is the station's.
    Untrusted,
    /// All is sound, and nothing outside the station holds a head at or after it.
    Unanchored,
    /// All is sound, and somebody outside does.
    Anchored,
}

impl Word {
    /// The word as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Word::Tampered => "TAMPERED",
            Word::Damaged => "DAMAGED",
            Word::Incomplete => "INCOMPLETE",
            Word::Untrusted => "UNTRUSTED",
            Word::Unanchored => "UNANCHORED",
            Word::Anchored => "ANCHORED",
        }
    }

    /// The exit code of the program.
    #[must_use]
    pub fn exit(self) -> u8 {
        match self {
            Word::Tampered => 2,
            Word::Damaged => 3,
            Word::Incomplete => 4,
            Word::Untrusted => 5,
            Word::Unanchored => 6,
            Word::Anchored => 0,
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal => $word:expr;)*) => {
        /// What is wrong, each with the word it leads to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code as it is printed.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The best word that a package with this finding can have; `None` where it says nothing
            /// about the package.
            #[must_use]
            pub fn word(self) -> Option<Word> {
                match self { $(Code::$name => $word,)* }
            }
        }
    };
}

codes! {
    /// A name that a package may not have.
    NameRefused = "name-refused" => Some(Word::Tampered);
    /// A file that nobody vouches for.
    NameUnknown = "name-unknown" => Some(Word::Tampered);
    /// The package was not finished.
    BagVoid = "bag-void" => Some(Word::Incomplete);
    /// `bagit.txt` or a manifest is not of the exact form.
    BagMalformed = "bag-malformed" => Some(Word::Tampered);
    /// A file that must be there is not.
    FileMissing = "file-missing" => Some(Word::Incomplete);
    /// A file other than a clip is not the one that was written.
    FileChanged = "file-changed" => Some(Word::Tampered);
    /// A head is no note of the key.
    HeadRefused = "head-refused" => Some(Word::Tampered);
    /// The second head does not grow from the first.
    HeadsPart = "heads-part" => Some(Word::Tampered);
    /// A proof file is malformed or does not hold.
    ProofRefused = "proof-refused" => Some(Word::Tampered);
    /// An entry is not one, or not the one its name says.
    EntryRefused = "entry-refused" => Some(Word::Tampered);
    /// An entry does not name the one before it.
    LinkBroken = "link-broken" => Some(Word::Tampered);
    /// An entry that a package must have is not there.
    EntryMissing = "entry-missing" => Some(Word::Incomplete);
    /// A rotation is not signed by both keys, or out of order.
    KeyUnproven = "key-unproven" => Some(Word::Tampered);
    /// Another key than the reader's or the record's.
    KeyOther = "key-other" => Some(Word::Tampered);
    /// The signature of a clip does not hold.
    ClipSignature = "clip-signature" => Some(Word::Tampered);
    /// The chunk list does not lead to the root in the entry.
    ChunksRefused = "chunks-refused" => Some(Word::Tampered);
    /// A file among the clips that is none of them.
    ClipUnknown = "clip-unknown" => Some(Word::Tampered);
    /// Manifest, copy and entry disagree about a clip.
    ClipMisnamed = "clip-misnamed" => Some(Word::Tampered);
    /// Bytes of a clip differ.
    ClipDamaged = "clip-damaged" => Some(Word::Damaged);
    /// An excerpt, its map or its container is not of the form, or is not what was copied.
    ExcerptRefused = "excerpt-refused" => Some(Word::Tampered);
    /// Bytes of an excerpt are not those of its master.
    ExcerptParts = "excerpt-parts" => Some(Word::Tampered);
    /// Bytes of an excerpt or of a piece it rests on differ from those that were written.
    ExcerptDamaged = "excerpt-damaged" => Some(Word::Damaged);
    /// A listing is not the one that its entry names.
    ListingRefused = "listing-refused" => Some(Word::Tampered);
    /// The closing entry is about something else.
    HandoverRefused = "handover-refused" => Some(Word::Tampered);
    /// The signature over the manifest does not hold.
    BagSignature = "bag-signature" => Some(Word::Tampered);
    /// A pinned head contradicts the record.
    PinParts = "pin-parts" => Some(Word::Tampered);
    /// What the reader gave is no head of this key.
    PinRefused = "pin-refused" => None;
    /// A pin that the package holds no growth from.
    PinUnlinked = "pin-unlinked" => None;
    /// A stamped head or a time-stamp does not hold.
    StampRefused = "stamp-refused" => Some(Word::Tampered);
    /// A time-stamp that nobody checked.
    StampUnchecked = "stamp-unchecked" => None;
    /// A cosigned head, or a cosignature of a believed witness, does not hold.
    WitnessRefused = "witness-refused" => Some(Word::Tampered);
    /// Cosignatures, and nobody said whose are believed.
    WitnessUnchecked = "witness-unchecked" => None;
    /// Fewer believed witnesses cosigned a head than it takes.
    WitnessShort = "witness-short" => None;
}
