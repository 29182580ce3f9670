//! Words of administration.

use super::Word;

words! {
    ADMIN = "管理", "administration";
}
