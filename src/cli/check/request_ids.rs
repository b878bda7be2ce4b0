//! Checks whether codes are bound to their flows by request ids.

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::admin::admin_socket::{self, ask_server};
use latchkey::server::admin::commands::{AdminCommand, AdminReply};
use latchkey::server::finding::Finding::{self, Pass, Warn};
use latchkey::server::settings::transmit::RequestIdMode;
use latchkey::server::sign_in::request_id_memory::read_unknown_until;
use latchkey::server::wiring;

use crate::cli::context::Context;

/// The row about request ids. Nothing is asked upstream: only sending a code would prove more.
pub async fn row(context: &Context) -> Finding {
    match context.settings.transmit.generate_request_id {
        RequestIdMode::Off => Pass("not asked for: codes are not bound to their flow".to_owned()),
        RequestIdMode::Required => {
            Pass("required: a code without one is sent, and not accepted".to_owned())
        }
        RequestIdMode::Auto => match unknown_until(context).await {
            None => Pass("asked for with every code, where the tenant knows them".to_owned()),
            Some(until) => Warn(format!(
                "the tenant does not know generate_request_id, so codes are not bound to their \
                 flow; it is asked again after {}",
                until.to_rfc3339()
            )),
        },
    }
}

/// What the running server knows, else what the store says. None if neither can be asked.
async fn unknown_until(context: &Context) -> Option<Timestamp> {
    let settings = &context.settings;
    if !settings.store.is_shared() {
        let socket = admin_socket::socket_path(&settings.data_directory());
        let reply = ask_server(&socket, &AdminCommand::Inspect, &context.clock).await;
        match reply {
            Ok(Some(AdminReply::Inspected {
                request_ids_unknown_until,
                ..
            })) => return request_ids_unknown_until,
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => return None,
        }
    }
    let store = wiring::open_existing_store(settings).ok()?;
    read_unknown_until(&*store, context.clock.now())
        .await
        .ok()?
}
