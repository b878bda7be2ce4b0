//! The code that runs in a browser.
