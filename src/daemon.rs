use crate::exit::{CliError, Exit};
pub fn run(_s: &std::path::Path) -> Result<Exit, CliError> {
    Ok(Exit::Done)
}
