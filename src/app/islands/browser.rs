//! Bindings to `browser.js`, which calls browser APIs.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/app/islands/browser.js")]
extern "C" {
    /// Calls `submit` with every form that is submitted, instead of sending it.
    #[wasm_bindgen(js_name = onSubmit)]
    pub fn on_submit(submit: &JsValue);
    /// Posts a form. `answer` is called with an error code (empty on success), a message, the URL
    /// of the next page, and seconds to wait.
    pub fn send(form: &JsValue, answer: &JsValue);
    /// Navigates to another page.
    #[wasm_bindgen(js_name = goTo)]
    pub fn go_to(url: &str);
    /// Shows whether a form is being sent.
    #[wasm_bindgen(js_name = setBusy)]
    pub fn set_busy(form: &JsValue, on: bool);
    /// Whether a form is being sent, or its button is disabled.
    #[wasm_bindgen(js_name = isBusy)]
    pub fn is_busy(form: &JsValue) -> bool;
    /// Shows an error at a form.
    #[wasm_bindgen(js_name = showError)]
    pub fn show_error(form: &JsValue, message: &str);
    /// Hides the error of a form.
    #[wasm_bindgen(js_name = clearError)]
    pub fn clear_error(form: &JsValue);
    /// Starts the wait for another code, if the form is the one that requests codes.
    #[wasm_bindgen(js_name = startResendWait)]
    pub fn start_resend_wait(form: &JsValue, seconds: f64);
    /// Shows an example number of the selected country.
    #[wasm_bindgen(js_name = updateExampleOnCountryChange)]
    pub fn update_example_on_country_change();

    /// Calls `tick` now and every second for each countdown, with its element, the seconds left,
    /// and its kind.
    #[wasm_bindgen(js_name = everySecond)]
    pub fn every_second(tick: &JsValue);
    /// Ends a countdown.
    #[wasm_bindgen(js_name = stopCountdown)]
    pub fn stop_countdown(element: &JsValue);
    /// Writes a time into the text of an element. `aloud` announces it to screen readers.
    #[wasm_bindgen(js_name = setText)]
    pub fn set_text(element: &JsValue, count: f64, unit: &str, aloud: bool);
    /// Sets the progress bar.
    #[wasm_bindgen(js_name = setProgress)]
    pub fn set_progress(seconds: f64);
    /// Enables or disables the button for a new code.
    #[wasm_bindgen(js_name = allowResend)]
    pub fn allow_resend(allowed: bool);
    /// Shows that the code has expired.
    #[wasm_bindgen(js_name = showExpired)]
    pub fn show_expired();
    /// Opens the warning if the session is about to expire.
    #[wasm_bindgen(js_name = showIdleWarning)]
    pub fn show_idle_warning(seconds_left: f64);
    /// Shows times in the time zone of the reader.
    #[wasm_bindgen(js_name = showLocalTimes)]
    pub fn show_local_times();

    /// Passes the text of the code field through `normalize`, also when the browser fills it in
    /// from a message.
    #[wasm_bindgen(js_name = onCode)]
    pub fn on_code(normalize: &JsValue);
}
