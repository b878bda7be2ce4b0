//! The web platform, as `browser.js` offers it.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/app/islands/browser.js")]
extern "C" {
    /// Calls `submit` with every form that is about to be sent, instead of sending it.
    #[wasm_bindgen(js_name = onSubmit)]
    pub fn on_submit(submit: &JsValue);
    /// Posts a form; `answer` gets a code (empty for success), a sentence, the next page, and
    /// seconds to wait.
    pub fn send(form: &JsValue, answer: &JsValue);
    /// Leaves for another page.
    pub fn go(to: &str);
    /// Shows whether a form is on its way.
    pub fn busy(form: &JsValue, on: bool);
    /// Whether a form is on its way, or has to wait.
    #[wasm_bindgen(js_name = isBusy)]
    pub fn is_busy(form: &JsValue) -> bool;
    /// Says an error at the field of a form.
    pub fn complain(form: &JsValue, sentence: &str);
    /// Takes the error of a form back.
    pub fn forgive(form: &JsValue);
    /// Starts the wait for another code, if that is what the form asked for.
    pub fn wait(form: &JsValue, seconds: f64);
    /// Shows how numbers of the chosen country are written.
    #[wasm_bindgen(js_name = followCountry)]
    pub fn follow_country();

    /// Calls `tick` now and every second with each sentence about time, the seconds it has left,
    /// and what it counts down to.
    #[wasm_bindgen(js_name = everySecond)]
    pub fn every_second(tick: &JsValue);
    /// Lets a sentence be.
    pub fn stop(sentence: &JsValue);
    /// Puts a time into a sentence, and tells screen readers if `aloud`.
    pub fn tell(sentence: &JsValue, count: f64, unit: &str, aloud: bool);
    /// Sets the bar.
    pub fn drain(seconds: f64);
    /// Lets a new code be asked for, or not yet.
    #[wasm_bindgen(js_name = allowResend)]
    pub fn allow_resend(allowed: bool);
    /// Turns the page to "this code has expired".
    pub fn expire();
    /// Opens the warning when the session is about to end.
    pub fn warn(seconds_left: f64);
    /// Puts times into the reader's own.
    #[wasm_bindgen(js_name = localTimes)]
    pub fn local_times();

    /// Passes what is typed into the code's field through `tidy`, and what the browser finds in a
    /// message as well.
    #[wasm_bindgen(js_name = onCode)]
    pub fn on_code(tidy: &JsValue);
}
