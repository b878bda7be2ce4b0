//! Routes of Transmit's API: counts each call, then applies the faults and latencies of `/control`.

use axum::extract::{ConnectInfo, Request, State};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::clock;
use crate::fault_injection::fault::Fault;
use crate::http::abortable_listener::ConnectionAborter;
use crate::http::inject_fault::{alter_response, replace_response};
use crate::operation::{Operation, ResponseCase};
use crate::tenant::SharedTenant;

/// A route for one operation. Several routes may belong to the same operation.
pub fn endpoint<H, T>(
    tenant: &SharedTenant,
    operation: Operation,
    method: MethodFilter,
    handler: H,
) -> MethodRouter<SharedTenant>
where
    H: Handler<T, SharedTenant>,
    T: 'static,
{
    on(method, handler).route_layer(middleware::from_fn_with_state(
        (tenant.clone(), operation),
        run_operation,
    ))
}

/// The request is processed before its response is delayed. So a call can have succeeded although
/// the client stopped waiting for it.
async fn run_operation(
    State((tenant, operation)): State<(SharedTenant, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let fault = tenant.fault_plan().record_call(operation);
    let aborter = request
        .extensions()
        .get::<ConnectInfo<ConnectionAborter>>()
        .map(|info| info.0.clone())
        .unwrap_or_default();
    let response = match fault {
        None => next.run(request).await,
        Some(Fault::Replace(replacement)) => {
            replace_response(replacement, request.into_body(), &aborter, &tenant.stop).await
        }
        Some(Fault::Alter(alteration)) => {
            let response = next.run(request).await;
            alter_response(alteration, response, &aborter, &tenant.stop).await
        }
    };
    let case = response.extensions().get::<ResponseCase>().copied();
    let latency = tenant.fault_plan().latency(operation, case);
    if !latency.is_zero() {
        tokio::select! {
            () = clock::sleep(latency) => {}
            () = tenant.stop.cancelled() => aborter.abort(),
        }
    }
    response
}
