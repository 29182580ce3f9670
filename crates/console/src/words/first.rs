//! Words of the first run.

use super::Word;

words! {
    FIRST_RUN = "首次设置", "first run";
}
