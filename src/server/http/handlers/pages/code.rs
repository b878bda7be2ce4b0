//! The page `/code`.

use axum::extract::{Extension, State};
use axum::response::Response;

use super::response::{PageInput, clear_cookie, read_flash, redirect_to, respond};
use crate::app::view::{CodeForm, GeneralLimits, View};
use crate::domain::{Page, RefusalCode};
use crate::server::http::cookies::CookieName;
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::{BrandOrigin, FormAction};
use crate::server::http::state::AppState;
use crate::server::sign_in::Flow;
use crate::server::sign_in::flow::flow_tag;

/// `/code`, which depends on the flow and the clock alone, but for the id of a refused request.
pub async fn code(
    (State(state), Extension(caller), mut request): PageInput,
) -> Result<Response, HttpError> {
    let deps = state.services.sign_in.deps();
    let found = match &caller.flow {
        Some(token) => {
            let flow = deps.flow_store.get(token.hash(), state.clock.now()).await?;
            flow.map(|flow| (token, flow))
        }
        None => None,
    };
    let Some((token, flow)) = found else {
        let mut response = redirect_to(Page::SignIn);
        if caller.flow.is_some() {
            clear_cookie(&state, &mut response, CookieName::Flow);
        }
        return Ok(response);
    };
    let return_to = flow.return_to.as_deref();
    let foreign_origin = return_to.and_then(|url| deps.return_urls.foreign_origin(url));
    if let Some(origin) = &foreign_origin {
        let origin = BrandOrigin(origin.as_str().into());
        request.extensions_mut().insert(origin);
    }
    let flash = read_flash(&state, &caller, Page::Code, request.extensions());
    let stale = flash.as_ref().and_then(|flash| flash.refusal);
    let stale = stale.filter(|refusal| refusal.code == RefusalCode::StaleFlow);
    let view = View::Code(CodeForm {
        flow_tag: flow_tag(token),
        refusal: stale.or(flow.refusal),
        ..code_form(&state, &flow)
    });
    let mut response = respond(&state, &request, &view, flash.as_ref());
    if let Some(origin) = foreign_origin {
        response.extensions_mut().insert(FormAction(origin));
    }
    Ok(response)
}

fn code_form(state: &AppState, flow: &Flow) -> CodeForm {
    let (policy, now) = (
        state.services.sign_in.deps().policy.now(),
        state.clock.now(),
    );
    CodeForm {
        masked: flow.identifier.masked(),
        flow_tag: String::new(),
        identifier: flow.identifier.kind(),
        channel: flow.channel(),
        offers_email: state.services.sign_in.deps().offers_email(flow),
        length: flow.code_length(&policy),
        now,
        deadline: flow.deadline(&policy),
        sent_at: flow.sent_at,
        resend_at: flow.resend_at(&policy),
        resent: flow.sends > 1,
        tries_left: flow.attempts_left(&policy, now),
        blocked_until: flow.blocked_until(&policy, now),
        refusal: flow.refusal,
        limits: GeneralLimits {
            code_lifetime: policy.lifetime(flow.channel()),
            tries: policy.attempts,
            cool_down: policy.cool_down.first().copied().unwrap_or_default(),
            lockout: policy.unrecognised_lockout,
        },
        back: flow.page,
    }
}
