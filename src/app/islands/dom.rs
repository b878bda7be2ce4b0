//! Short forms of what the islands do with the document.
//!
//! Whether an element is hidden, busy or invalid is read and written as an attribute. Each method
//! of a browser that is called costs bytes, so a few general ones are used for everything.

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Object, Reflect};
use web_sys::{Element, EventTarget, HtmlElement, HtmlInputElement};

type Callback = Box<dyn Fn(JsValue)>;

/// The first element of the document that matches a selector.
pub fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok()?
}

/// The first element inside another one that matches a selector.
pub fn find_in(parent: &Element, selector: &str) -> Option<Element> {
    parent.query_selector(selector).ok()?
}

/// Calls `act` with all elements of the document that match a selector.
pub fn for_each(selector: &str, act: impl Fn(Element)) {
    call_for_each(selector, &act);
}

// One function for all, because each type costs bytes.
fn call_for_each(selector: &str, act: &dyn Fn(Element)) {
    if let Ok(list) = document().query_selector_all(selector) {
        for node in (0..list.length()).filter_map(|index| list.get(index)) {
            act(node.unchecked_into());
        }
    }
}

/// Calls `act` with every event of that name, as long as the page lives.
pub fn on(target: &EventTarget, event: &str, act: impl Fn(JsValue) + 'static) {
    listen(target, event, Box::new(act));
}

fn listen(target: &EventTarget, event: &str, act: Callback) {
    // Fails for no target and no name.
    let _ = target.add_event_listener_with_callback(event, to_js(act).unchecked_ref());
}

/// Calls `act` with every event of that name that reaches the window.
pub fn on_window(event: &str, act: impl Fn(JsValue) + 'static) {
    on(&window(), event, act);
}

/// Calls `act` once after a time, in milliseconds.
pub fn after(millis: i32, act: impl Fn(JsValue) + 'static) {
    let act = to_js(Box::new(act));
    let _ =
        window().set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), millis);
}

/// Calls `act` again and again after that many milliseconds.
pub fn every(millis: i32, act: impl Fn() + 'static) {
    let act = to_js(Box::new(move |_| act()));
    let _ = window()
        .set_interval_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), millis);
}

/// Goes to another page, or loads this one again.
pub fn go_to(url: &str) {
    // Fails for no URL of a page.
    let _ = window().location().assign(url);
}

/// A function for the browser. All have one type, because each type costs bytes.
fn to_js(act: Callback) -> JsValue {
    Closure::wrap(act).into_js_value()
}

/// The target of an event.
pub fn target_of(event: &JsValue) -> Option<Element> {
    let event: &web_sys::Event = event.unchecked_ref();
    event.target().map(JsCast::unchecked_into)
}

/// The number in an attribute.
pub fn number(element: &Element, attribute: &str) -> Option<f64> {
    let value = JsValue::from(element.get_attribute(attribute)?);
    Some(value.unchecked_into_f64())
}

/// Sets an attribute without a value, or takes it away.
pub fn toggle(element: &Element, attribute: &str, on: bool) {
    if on {
        set(element, attribute, "");
    } else {
        unset(element, attribute);
    }
}

/// Sets an attribute.
pub fn set(element: &Element, attribute: &str, value: &str) {
    // Fails for no name that we have.
    let _ = element.set_attribute(attribute, value);
}

/// Takes an attribute away.
pub fn unset(element: &Element, attribute: &str) {
    let _ = element.remove_attribute(attribute);
}

/// Moves the focus to an element.
pub fn focus(element: &Element) {
    let _ = element.unchecked_ref::<HtmlElement>().focus();
}

/// An element as the field that its selector says it is.
pub fn as_input(element: &Element) -> &HtmlInputElement {
    element.unchecked_ref()
}

/// An object of JavaScript with these properties.
pub fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // A new object accepts every property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

/// A property of any value; `undefined` if it has none.
pub fn property(of: &JsValue, name: &str) -> JsValue {
    // Values without properties throw.
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
