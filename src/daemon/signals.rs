//! SIGTERM and SIGINT begin the end; a second one ends at once, as it would without us.

use crate::docking::Stopping;
use crate::exit::{CliError, Exit};
use tokio::signal::unix::{Signal, SignalKind, signal};

pub fn watch(stopping: Stopping) -> Result<(), CliError> {
    let failed = |e: std::io::Error| {
        CliError::new(Exit::Failed, format!("signals cannot be watched: {e}; try again"))
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
    let (terminate, interrupt) = {
        let _inside = runtime.enter();
        let listen = |kind| signal(kind).map_err(failed);
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?)
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || runtime.block_on(wait(terminate, interrupt, stopping)))
        .map(drop)
        .map_err(failed)
}

async fn wait(mut terminate: Signal, mut interrupt: Signal, stopping: Stopping) {
    for again in [false, true] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if again {
            tracing::warn!(
                "told twice to stop; what runs is closed as interrupted at the next start"
            );
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        tracing::info!("told to stop; no new session is begun, running ones end");
        stopping.begin();
    }
}
