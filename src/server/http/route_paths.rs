//! The paths that are neither pages nor server functions.

/// Starts the login to an application, on the application's host.
pub const START: &str = "/.latchkey/start";
/// Issues a ticket, on this service's host.
pub const TICKET: &str = "/.latchkey/ticket";
/// Redeems the ticket, on the application's host.
pub const ENTER: &str = "/.latchkey/enter";
/// Signs out, on the application's host.
pub const SIGN_OUT: &str = "/.latchkey/sign-out";
/// Tells who is signed in, on the application's host.
pub const SESSION: &str = "/.latchkey/session";
/// Restarts the idle timeout, on the application's host.
pub const EXTEND_SESSION: &str = "/.latchkey/extend-session";

/// Tells a page's script whether its session lives.
pub const SESSION_INFO: &str = "/api/session";
/// Tells a proxy who is signed in.
pub const FORWARD_AUTH: &str = "/forward-auth";
/// The keys that sign JWTs for applications.
pub const JWKS: &str = "/.well-known/jwks.json";

/// All paths that are served on the host of an application.
pub const ON_APPLICATION_HOSTS: [&str; 5] = [START, ENTER, SIGN_OUT, SESSION, EXTEND_SESSION];
