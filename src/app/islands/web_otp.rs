//! Reads the code from the text message (WebOTP). There is one request a page. It is aborted when
//! the page is left or the code expires, and waits on while a form is sent: the message may come
//! after a wrong code.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::AbortController;
use web_sys::js_sys::Array;
use web_sys::js_sys::futures::{JsFuture, spawn_local};

use crate::app::islands::dom::{self, object, property};

thread_local! {
    // Every browser that runs WebAssembly can make one.
    static ABORT: Option<AbortController> = AbortController::new().ok();
}

/// Waits for the message. `deliver` is called with the code.
pub fn listen(deliver: impl FnOnce(String) + 'static) {
    if property(&window(), "OTPCredential").is_undefined() {
        return;
    }
    dom::on_window("pagehide", |_| abort());
    let signal = ABORT.with(|abort| abort.as_ref().map(AbortController::signal));
    let otp = object(&[("transport", Array::of1(&"sms".into()).into())]);
    let options = object(&[("otp", otp.into()), ("signal", signal.into())]);
    let credentials = window().navigator().credentials();
    let Ok(message) = credentials.get_with_options(options.unchecked_ref()) else {
        return;
    };
    spawn_local(async move {
        // Fails when it is aborted, or refused by the person.
        if let Ok(credential) = JsFuture::from(message).await
            && let Some(code) = property(&credential, "code").as_string()
        {
            deliver(code);
        }
    });
}

/// Stops waiting for the message.
pub fn abort() {
    ABORT.with(|abort| {
        if let Some(abort) = abort {
            abort.abort();
        }
    });
}
