//! The web platform, as `browser.js` offers it.

use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::Element;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/app/islands/browser.js")]
extern "C" {
    /// Runs `tick` now and every second.
    #[wasm_bindgen(js_name = everySecond)]
    pub fn every_second(tick: &JsValue);

    /// Posts a form; `answer` gets a code (empty for success), a sentence, the next page, and seconds to wait.
    pub fn send(form: &Element, answer: &JsValue);
    /// Leaves for another page.
    pub fn go(to: &str);
    /// Shows whether a form is on its way.
    pub fn busy(form: &Element, on: bool);
    /// Whether a form is on its way, or has to wait.
    #[wasm_bindgen(js_name = isBusy)]
    pub fn is_busy(form: &Element) -> bool;
    /// Says an error at the field of a form.
    pub fn complain(form: &Element, sentence: &str);
    /// Takes the error of a form back.
    pub fn forgive(form: &Element);
    /// Starts the wait for another code, if that is what the form asked for.
    pub fn wait(form: &Element, seconds: f64);
    /// Shows how numbers of the chosen country are written.
    #[wasm_bindgen(js_name = showExample)]
    pub fn show_example();

    /// All sentences about time.
    pub fn countdowns() -> Vec<Element>;
    /// Seconds that a sentence has left.
    pub fn left(sentence: &Element) -> f64;
    /// What a sentence counts down to.
    pub fn kind(sentence: &Element) -> String;
    /// Lets a sentence be.
    pub fn stop(sentence: &Element);
    /// Puts a time into a sentence, and tells screen readers if `aloud`.
    pub fn tell(sentence: &Element, count: f64, unit: &str, aloud: bool);
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

    /// Asks the browser for the code of a message.
    #[wasm_bindgen(js_name = listenForCode)]
    pub fn listen_for_code(arrived: &JsValue);
    /// Fills a code in and sends it.
    pub fn fill(code: &str);
}
