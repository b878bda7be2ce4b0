//! `/account`: the identifier, the session and all sessions of the person.

mod notices;
mod sessions;

use leptos::prelude::*;

use crate::app::components::countdown::Countdown;
use crate::app::components::form::{
    ErrorMessage, FailureSentences, PostForm, StatusRegion, SubmitButton,
};
use crate::app::components::local_time::local_time;
use crate::app::components::masked::masked_identifier;
use crate::app::i18n::Text;
use crate::app::islands::AccountIsland;
use crate::app::pages::RenderedPage;
use crate::app::view::AccountView;
use crate::domain::Endpoint;
use crate::domain::identifier_mask::is_phone_mask;

/// Longest time between the warning and the expiry, in seconds. The warning also comes not before
/// half of the remaining time (WCAG 2.2.1 requires 20 s).
const WARNING_SECONDS: u64 = 120;

pub fn page(text: &'static Text, account: &AccountView) -> RenderedPage {
    let refusal = account.refusal.map(|refusal| text.refusal(&refusal));
    let has_error = refusal.is_some();
    let content = view! {
        <ErrorMessage id="account-error" message=refusal/>
        {session_facts(text, account)}
        {sign_out_form(text)}
        {sessions::list(text, &account.sessions)}
        {idle_warning(text, account)}
        {extend_without_script(text, account)}
        <FailureSentences text/>
        <StatusRegion/>
    };
    let body = view! {
        <h1>{text.get("account-heading")}</h1>
        {notices::notices(text, account)}
        <AccountIsland>{content}</AccountIsland>
    };
    RenderedPage {
        title: text.get("account-title"),
        has_error,
        is_failure: false,
        expired_title: None,
        has_islands: true,
        body: body.into_any(),
    }
}

fn sign_out_form(text: &'static Text) -> impl IntoView + use<> {
    view! {
        <PostForm action=Endpoint::SignOut.path()>
            <SubmitButton
                label=text.get("sign-out-button")
                pending=text.get("sign-out-button")
                kind="secondary"
            />
        </PostForm>
    }
}

fn session_facts(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    let label = if is_phone_mask(&account.masked) {
        "account-number"
    } else {
        "account-identifier"
    };
    let idle = account.idle_expires_at.seconds_from(account.now);
    let idle = text.at_least("account-idle", "time", idle);
    view! {
        <dl class="facts">
            <div>
                <dt>{text.get(label)}</dt>
                <dd>{masked_identifier(text, &account.masked)}</dd>
            </div>
            <div>
                <dt>{text.get("account-since")}</dt>
                <dd>{local_time(text, account.signed_in_at)}</dd>
            </div>
            <div>
                <dt>{text.get("account-ends")}</dt>
                <dd>
                    {local_time(text, account.expires_at)}
                    <span class="hint">
                        {text.format("account-idle", &[("time", idle.into())])}
                    </span>
                </dd>
            </div>
        </dl>
    }
}

/// The dialog that the browser opens before the session expires. It contains the countdown.
fn idle_warning(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    let (now, deadline) = (account.now, account.idle_expires_at.min(account.expires_at));
    let seconds = WARNING_SECONDS.min(deadline.seconds_from(now) / 2);
    view! {
        <dialog
            data-warn-before=seconds.to_string()
            aria-labelledby="idle-heading"
            aria-describedby="idle-text"
        >
            <h2 id="idle-heading">{text.get("idle-heading")}</h2>
            <p id="idle-text"><Countdown text id="idle-text" now deadline then="leave"/></p>
            <PostForm action=Endpoint::ExtendSession.path()>
                <ErrorMessage id="extend-error" message=None/>
                <SubmitButton label=text.get("idle-button") pending=text.get("sending")/>
            </PostForm>
            {sign_out_form(text)}
        </dialog>
    }
}

/// Expiry and button to extend, for browsers without scripts.
fn extend_without_script(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    let (before, after) = text.split_at("idle-at", "time", &[]);
    let end = account.idle_expires_at.min(account.expires_at);
    view! {
        <noscript>
            <section class="idle" aria-labelledby="idle-at">
                <p id="idle-at">{before}{local_time(text, end)}{after}</p>
                <PostForm action=Endpoint::ExtendSession.path()>
                    <SubmitButton
                        label=text.get("idle-button")
                        pending=text.get("sending")
                        kind="secondary"
                    />
                </PostForm>
            </section>
        </noscript>
    }
}
