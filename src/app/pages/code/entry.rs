//! The code's own form: one field, drawn as separate digits.

use leptos::prelude::*;

use crate::app::components::countdown::Countdown;
use crate::app::components::form::{ErrorSlot, PostForm, Submit};
use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::view::CodeForm;
use crate::domain::{Endpoint, Refusal};

/// Field, time left and button.
pub fn form(
    text: &'static Text,
    form: &CodeForm,
    refusal: Option<Refusal>,
) -> impl IntoView + use<> {
    let (length, now, deadline, sent_at) = (form.length, form.now, form.deadline, form.sent_at);
    // Said once one is spent, unless the refusal has said it already.
    let said = refusal.is_some_and(|refusal| refusal.tries_left.is_some());
    let tries =
        (form.tries_left < form.limits.tries && !said).then(|| text.tries_left(form.tries_left));
    let refused = refusal.is_some();
    let sentence = refusal.map(|refusal| text.refusal(&refusal));
    view! {
        <PostForm action=Endpoint::VerifyCode.path() text>
            <div class="field">
                <label for="code">{text.get("code-label")}</label>
                <ErrorSlot id="code-error" sentence/>
                // Room for spaces and dashes; the server strips and counts (M7).
                <input
                    class="code"
                    id="code"
                    name="code"
                    r#type="text"
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    pattern=r"[0-9\s\-]*"
                    maxlength=(length * 2).max(16).to_string()
                    data-length=length.to_string()
                    dir="ltr"
                    spellcheck="false"
                    required
                    autofocus
                    aria-describedby="code-error code-time"
                    aria-invalid=refused.then_some("true")
                />
                {tries.map(|sentence| view! { <p class="hint tries" data-tries>{sentence}</p> })}
                <div class="time" id="code-time">
                    <Icon name="clock"/>
                    <Countdown text id="valid-for" now deadline then="expire"/>
                    // Browsers count down from the server's times; without a script it shows how
                    // much was left.
                    <progress
                        aria-hidden="true"
                        max=(deadline.since(sent_at).as_secs()).max(1).to_string()
                        value=deadline.seconds_from(now).to_string()
                    ></progress>
                </div>
            </div>
            <Submit label=text.get("code-button") pending=text.get("checking")/>
        </PostForm>
    }
}
