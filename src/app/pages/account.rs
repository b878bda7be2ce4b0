//! `/account`: who is signed in, since when, and where.

mod notices;
mod sessions;

use leptos::prelude::*;

use crate::app::components::countdown::Countdown;
use crate::app::components::form::{ErrorSlot, PostForm, Submit};
use crate::app::i18n::Text;
use crate::app::islands::AccountIsland;
use crate::app::pages::RenderedPage;
use crate::app::view::AccountView;
use crate::domain::Endpoint;
use crate::domain::timestamp::Timestamp;

/// How long before the idle end the browser warns, at most; never less than half of what is left
/// (WCAG 2.2.1 asks for 20 s).
const WARNING_SECONDS: u64 = 120;

/// The page.
pub fn page(text: &'static Text, account: &AccountView) -> RenderedPage {
    let refusal = account.refusal.map(|refusal| text.refusal(&refusal));
    let refused = refusal.is_some();
    let sign_out = view! {
        <PostForm action=Endpoint::SignOut.path() text>
            <Submit label=text.get("sign-out-button") pending=text.get("sign-out-button")/>
        </PostForm>
    };
    let content = view! {
        <ErrorSlot id="account-error" sentence=refusal/>
        {facts(text, account)}
        {sign_out}
        {sessions::list(text, &account.sessions)}
        {idle_warning(text, account)}
        {without_script(text, account)}
    };
    let body = view! {
        <h1>{text.get("account-heading")}</h1>
        {notices::notices(text, account)}
        <AccountIsland>{content}</AccountIsland>
    };
    RenderedPage {
        title: text.get("account-title"),
        refused,
        islands: true,
        body: body.into_any(),
    }
}

fn facts(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    let who = if account.masked.starts_with('+') {
        "account-number"
    } else {
        "account-identifier"
    };
    let idle = text.at_least(account.idle_expires_at.seconds_from(account.now));
    view! {
        <dl class="facts">
            <div>
                <dt>{text.get(who)}</dt>
                <dd><bdi dir="ltr">{account.masked.clone()}</bdi></dd>
            </div>
            <div>
                <dt>{text.get("account-since")}</dt>
                <dd>{moment(text, account.signed_in_at)}</dd>
            </div>
            <div>
                <dt>{text.get("account-ends")}</dt>
                <dd>
                    {moment(text, account.expires_at)}
                    <span class="hint">{text.format("account-idle", &[("time", idle.into())])}</span>
                </dd>
            </div>
        </dl>
    }
}

/// A moment, in UTC until the browser puts it into its own time.
pub fn moment(text: &'static Text, time: Timestamp) -> impl IntoView + use<> {
    view! { <time datetime=time.to_rfc3339()>{text.date(time)}</time> }
}

/// Opened by the browser before the session ends by itself. The countdown is in it, so nothing else
/// has to be told.
fn idle_warning(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    let (now, deadline) = (account.now, account.idle_expires_at.min(account.expires_at));
    let seconds = WARNING_SECONDS.min(deadline.seconds_from(now) / 2);
    view! {
        <dialog data-warn=seconds.to_string() aria-labelledby="idle-heading" aria-describedby="idle-text">
            <h2 id="idle-heading">{text.get("idle-heading")}</h2>
            <p id="idle-text"><Countdown text id="idle-text" now deadline then="leave"/></p>
            <PostForm action=Endpoint::ExtendSession.path() text>
                <ErrorSlot id="extend-error" sentence=None/>
                <Submit label=text.get("idle-button") pending=text.get("sending")/>
            </PostForm>
        </dialog>
    }
}

/// What the warning is for browsers that run no script: the moment, and the button.
fn without_script(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    let (before, after) = text.around("idle-at", "time", &[]);
    let end = account.idle_expires_at.min(account.expires_at);
    view! {
        <noscript>
            <section class="idle" aria-labelledby="idle-at">
                <p id="idle-at">{before}{moment(text, end)}{after}</p>
                <PostForm action=Endpoint::ExtendSession.path() text>
                    <Submit label=text.get("idle-button") pending=text.get("sending") kind="secondary"/>
                </PostForm>
            </section>
        </noscript>
    }
}
