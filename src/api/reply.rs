//! The one place that turns an outcome into an answer: status, next page, cookies, flash, and the
//! body for scripts. The layer `web::shape` then makes a 303 of it where a page is wanted.

use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::api::flash::Flash;
use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Page, Refusal, RefusalCode};
use crate::server::http::cookies::Change;
use crate::server::sign_in::Outcome;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

impl RequestContext {
    /// Answers.
    ///
    /// # Errors
    /// The problem document of a refusal.
    pub fn reply(&self, outcome: Outcome) -> Result<NextLocation, Problem> {
        let response = use_context::<ResponseOptions>().ok_or_else(Problem::without_request)?;
        for change in &outcome.cookies {
            append_cookie(&response, self, change);
        }
        if outcome.clear_site_data {
            // Not "cookies": that would wipe the known browser and every sibling application.
            response.insert_header(
                CLEAR_SITE_DATA,
                HeaderValue::from_static("\"cache\", \"storage\""),
            );
        }
        match outcome.result {
            Ok(next) => {
                set_location(&response, &next);
                response.set_status(StatusCode::OK);
                Ok(NextLocation { next })
            }
            Err(refusal) => {
                if self.html
                    && let Some(flash) = flash(self, &refusal, outcome.page, outcome.typed)
                {
                    append_cookie(&response, self, &flash);
                }
                set_location(&response, page_of(&refusal, outcome.page).path());
                let status = StatusCode::from_u16(refusal.code.status())
                    .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                response.set_status(status);
                response.insert_header(
                    CONTENT_TYPE,
                    HeaderValue::from_static(Problem::CONTENT_TYPE),
                );
                if let Some(seconds) = refusal.retry_after {
                    response.insert_header(RETRY_AFTER, seconds.into());
                }
                Err(Problem::new(&refusal, self.text))
            }
        }
    }
}

/// The page that shows a refusal.
fn page_of(refusal: &Refusal, page: Page) -> Page {
    match refusal.code {
        RefusalCode::NoFlow | RefusalCode::NotSignedIn => Page::SignIn,
        _ => page,
    }
}

/// The code page reads its refusals from the flow; the other pages have none.
fn flash(
    door: &RequestContext,
    refusal: &Refusal,
    page: Page,
    typed: Option<crate::server::sign_in::FormInput>,
) -> Option<Change> {
    if page_of(refusal, page) == Page::Code {
        return None;
    }
    Flash::new(*refusal, typed.unwrap_or_default(), door.caller.received_at).cookie(&door.keys)
}

fn append_cookie(response: &ResponseOptions, door: &RequestContext, change: &Change) {
    if let Ok(value) = HeaderValue::from_str(&door.cookies.header(change)) {
        response.append_header(SET_COOKIE, value);
    }
}

fn set_location(response: &ResponseOptions, to: &str) {
    if let Ok(value) = HeaderValue::from_str(to) {
        response.insert_header(LOCATION, value);
    }
}
