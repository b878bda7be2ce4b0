//! The form for the code: one field, which is styled as separate digits.

use leptos::prelude::*;

use crate::app::components::countdown::Countdown;
use crate::app::components::form::{ErrorMessage, FormNotice, PostForm, SubmitButton};
use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::view::CodeForm;
use crate::domain::{Endpoint, Refusal};

/// The id of the notice that another code was sent.
pub const RESENT: &str = "code-resent";

/// Seconds left when screen readers announce the time.
const LAST_MINUTE: u64 = 60;

/// Field, time left and button.
pub fn form(
    text: &'static Text,
    form: &CodeForm,
    refusal: Option<Refusal>,
) -> impl IntoView + use<> {
    let (length, now, deadline, sent_at) = (form.length, form.now, form.deadline, form.sent_at);
    // Shown after the first failed attempt, unless the error message contains it.
    let is_in_error = refusal.is_some_and(|refusal| refusal.tries_left.is_some());
    let tries = (form.tries_left < form.limits.tries && !is_in_error)
        .then(|| text.tries_left(form.tries_left));
    let (has_error, tag) = (refusal.is_some(), form.flow_tag.clone());
    // Browsers read codes from text messages alone (WebOTP).
    let is_sms = form.channel.is_sms();
    let message = refusal.map(|refusal| text.refusal(&refusal));
    let last_minute = text.at_least("valid-for", "time", LAST_MINUTE);
    let last_minute = text.format("valid-for", &[("time", last_minute.into())]);
    // The field has the focus when the page appears, so its description is what is heard first.
    let described_by = if form.resent {
        format!("{RESENT} code-lead code-error code-time")
    } else {
        "code-lead code-error code-time".to_owned()
    };
    view! {
        <PostForm action=Endpoint::VerifyCode.path()>
            <input r#type="hidden" name="flow" value=tag/>
            <FormNotice message=None/>
            <div class="field">
                <label for="code">{text.get("code-label")}</label>
                <ErrorMessage id="code-error" message/>
                // No `maxlength` and no `pattern`: the server finds the code in a pasted message
                // and reads digits of every script (W1).
                <input
                    class="code"
                    id="code"
                    name="code"
                    r#type="text"
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    data-length=length.to_string()
                    data-sms=is_sms
                    dir="ltr"
                    spellcheck="false"
                    required
                    autofocus
                    aria-describedby=described_by
                    aria-invalid=has_error.then_some("true")
                />
                {tries.map(|message| view! { <p class="hint tries" data-tries>{message}</p> })}
                <div class="time" id="code-time" data-announced=last_minute>
                    <Icon name="clock"/>
                    <Countdown text id="valid-for" now deadline then="expire"/>
                    // Without scripts it shows the time that was left when the page was rendered.
                    <progress
                        aria-hidden="true"
                        max=(deadline.since(sent_at).as_secs()).max(1).to_string()
                        value=deadline.seconds_from(now).to_string()
                    ></progress>
                </div>
            </div>
            <SubmitButton label=text.get("code-button") pending=text.get("checking")/>
        </PostForm>
    }
}
