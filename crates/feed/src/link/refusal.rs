//! What an answer to the handshake means that is not a WebSocket: what is likely wrong, by the
//! signs that servers and proxies give, and what to do.

use super::dial::tried_again;
use super::handshake::{Answer, Refusal};
use super::target::{Target, try_url};
use crate::Said;
use crate::said;
use crate::session::Failure;
use crate::session::close::{Verdict, after_status};
use crate::trouble::{Step, Trouble};
use tokio_tungstenite::tungstenite::http::HeaderMap;
use url::Url;

/// A longer address is not worth showing.
const URL_BYTES_MAX: usize = 2_048;

/// How the bytes of TLS begin: an alert or a handshake, of version 3.
const TLS_BEGINS: [[u8; 2]; 2] = [[0x15, 3], [0x16, 3]];

pub(super) fn failure(target: &Target, refusal: Refusal) -> Failure {
    let authority = target.authority();
    let trouble = |code, what: Said, answer: Option<String>, advice: Said| Trouble {
        code,
        step: Step::Handshake,
        what,
        answer,
        advice,
    };
    match refusal {
        Refusal::Cut(why) => Failure::new(
            trouble(
                "handshake-cut",
                said!(
                    "trouble_handshake_cut",
                    "{authority} closed the connection without answering the handshake.",
                    authority,
                ),
                why.map(|error| error.to_string()),
                if target.secure {
                    said!("advice_handshake_cut", "It may be restarting: it will be tried again.")
                } else {
                    said!(
                        "advice_handshake_cut_ws",
                        "It may be restarting. If it wants TLS, try wss:// instead of ws://."
                    )
                },
            ),
            Verdict::Retry,
        ),
        Refusal::NotHttp { begins, .. }
            if TLS_BEGINS.iter().any(|tls| begins.starts_with(tls)) && !target.secure =>
        {
            Failure::new(wants_tls(&authority, None), Verdict::Stop)
        }
        Refusal::NotHttp { begins, why } => Failure::new(
            trouble(
                "not-http",
                said!(
                    "trouble_not_http",
                    "What answers at {authority} does not speak HTTP.",
                    authority,
                ),
                Some(format!("{why}: {}", crate::trouble::shown(&begins).escape_debug())),
                said!(
                    "advice_not_http",
                    "Check the port: it belongs to some other service. If it wants TLS, try \
                     wss://."
                ),
            ),
            Verdict::Stop,
        ),
        Refusal::TooLarge => Failure::new(
            trouble(
                "headers-too-large",
                said!(
                    "trouble_headers_too_large",
                    "{authority} answered with more headers than a WebSocket server ever sends.",
                    authority,
                ),
                None,
                said!(
                    "advice_headers_too_large",
                    "Check the port and the path: some other service may answer there."
                ),
            ),
            Verdict::Stop,
        ),
        Refusal::Status(answer) => by_status(target, &answer),
        Refusal::NotWebSocket(answer, wrong) => {
            let proxy = proxy_of(answer.response.headers());
            Failure::new(
                trouble(
                    "not-websocket",
                    said!(
                        "trouble_not_websocket",
                        "{authority} answered, but not as a WebSocket server does.",
                        authority,
                    )
                    .and(wrong),
                    Some(answer.shown()),
                    said!("advice_not_websocket", "Check the port and the path.")
                        .and(said!(
                            "advice_upgrade_header",
                            "A proxy in between may not pass on the Upgrade header."
                        ))
                        .and(pass_on(proxy)),
                ),
                Verdict::Stop,
            )
        }
        Refusal::Subprotocol(answer, chosen) => {
            let (what, advice) = match &chosen {
                None => (
                    said!(
                        "trouble_subprotocol_none",
                        "The server speaks none of the subprotocols that were offered."
                    ),
                    said!(
                        "advice_subprotocol_none",
                        "Check connection.subprotocols in the profile against what the server \
                         knows, or leave them out."
                    ),
                ),
                Some(chosen) => (
                    said!(
                        "trouble_subprotocol",
                        "The server chose the subprotocol “{chosen}”, which was not offered.",
                        chosen = chosen.as_str(),
                    ),
                    said!(
                        "advice_subprotocol",
                        "If that is the feed's, put it into the profile: \
                         connection.subprotocols = [\"{chosen}\"].",
                        chosen = chosen.as_str(),
                    ),
                ),
            };
            let trouble = trouble("subprotocol", what, Some(answer.shown()), advice);
            Failure::new(trouble, Verdict::Stop)
        }
        Refusal::Unsendable(error) => Failure::new(
            Trouble {
                code: "header",
                step: Step::Url,
                what: said!(
                    "trouble_unsendable",
                    "The request cannot be sent as the profile has it."
                ),
                answer: Some(error.to_string()),
                advice: said!(
                    "advice_unsendable",
                    "Leave those headers to Feedscope that belong to the handshake itself."
                ),
            },
            Verdict::Stop,
        ),
    }
}

fn wants_tls(authority: &str, answer: Option<String>) -> Trouble {
    Trouble {
        code: "wants-tls",
        step: Step::Handshake,
        what: said!(
            "trouble_wants_tls",
            "{authority} speaks TLS, and was asked without.",
            authority
        ),
        answer,
        advice: said!("advice_try_wss", "Try wss:// instead of ws://."),
    }
}

fn by_status(target: &Target, answer: &Answer) -> Failure {
    let (status, headers) = (answer.response.status(), answer.response.headers());
    let path = target.request.uri().path();
    let verdict = after_status(status.as_u16(), answer.retry_after(target.now));
    let body = String::from_utf8_lossy(answer.response.body()).to_lowercase();
    let proxy = proxy_of(headers);
    let elsewhere = moved_to(target, headers).map(|url| try_url(url.into()));

    if !target.secure && body.contains("http request was sent to https port") {
        let trouble = wants_tls(&target.authority(), Some(answer.shown()));
        return Failure { trouble, verdict: Verdict::Stop, status: Some(status.as_u16()) };
    }
    let upgrade_lost = || {
        said!(
            "advice_upgrade_lost",
            "A proxy in between does not pass on that we want a WebSocket."
        )
    };
    let lost = is_upgrade_lost(status.as_u16(), headers, &body, path);
    let (code, what, advice) = match status.as_u16() {
        // The message of Engine.IO, on which Socket.IO is built.
        _ if is_engine_io(&body) && body.contains("transport unknown") => (
            "socket-io",
            said!(
                "trouble_socket_io",
                "This is a Socket.IO server, which was asked without its way of speaking."
            ),
            use_socket_io(),
        ),
        _ if lost => (
            "upgrade-lost",
            said!("trouble_upgrade_lost", "The server did not see that we want a WebSocket."),
            upgrade_lost().and(pass_on(proxy)),
        ),
        404 | 400 if is_socket_io_path(path) && is_engine_io(&body) => (
            "socket-io",
            said!("trouble_socket_io_refused", "This is a Socket.IO server, which refused us."),
            use_socket_io(),
        ),
        200..=299 => (
            "http-status",
            said!("trouble_web_page", "{path} is a web page, not a WebSocket.", path),
            check_path(proxy),
        ),
        300..=399 => (
            "http-status",
            said!("trouble_moved", "The server sends us elsewhere."),
            elsewhere.unwrap_or_else(|| {
                said!("advice_moved", "Ask who runs it for the feed's new address.")
            }),
        ),
        401 => (
            "http-status",
            said!("trouble_unauthorized", "The server wants to know who we are."),
            said!("advice_unauthorized", "Add the token or key that the feed's operator gave you."),
        ),
        403 => (
            "http-status",
            said!("trouble_forbidden", "The server refuses us."),
            said!(
                "advice_forbidden",
                "Check the token, and whether it only serves certain origins (connection.origin) \
                 or addresses."
            ),
        ),
        404 => (
            "http-status",
            said!("trouble_nothing_there", "The server has nothing at {path}.", path),
            check_path(proxy),
        ),
        426 => (
            "http-status",
            said!("trouble_other_protocol", "The server wants another protocol."),
            said!(
                "advice_other_protocol",
                "Its answer says which; a proxy in between may not pass on the Upgrade header."
            ),
        ),
        429 => (
            "http-status",
            said!("trouble_too_often", "The server says that we come too often."),
            said!("advice_too_often", "It will be tried again, later."),
        ),
        500..=599 => (
            "http-status",
            said!("trouble_server", "The server, or a proxy in front of it, has a problem."),
            tried_again(),
        ),
        _ => (
            "http-status",
            said!("trouble_refused", "The server refused the handshake."),
            match verdict {
                Verdict::Stop => said!("advice_refused", "Its answer may say why."),
                _ => tried_again(),
            },
        ),
    };
    Failure {
        trouble: Trouble {
            code,
            step: Step::Handshake,
            what: what.and(said!(
                "trouble_answered",
                "It answered {status}.",
                status = status.to_string(),
            )),
            answer: Some(answer.shown()),
            advice,
        },
        verdict,
        status: Some(status.as_u16()),
    }
}

/// We did say `Upgrade: websocket`; who answers so has not heard it.
fn is_upgrade_lost(status: u16, headers: &HeaderMap, body: &str, path: &str) -> bool {
    let about_upgrade = ["upgrade", "websocket"].iter().any(|word| body.contains(word));
    let is_engine_io_bad_request = is_socket_io_path(path) && body.contains("\"code\":3");
    match status {
        // Where it is about the version of the protocol, the header says so.
        426 => !headers.contains_key("sec-websocket-version") && about_upgrade,
        400 => is_engine_io_bad_request || about_upgrade && body.contains("upgrade"),
        // We speak HTTP/1.1; who speaks 1.0 in our name cannot ask for a WebSocket.
        505 => true,
        _ => false,
    }
}

fn is_engine_io(body: &str) -> bool {
    body.starts_with("{\"code\":") && body.contains("\"message\":")
}

fn is_socket_io_path(path: &str) -> bool {
    path.contains("/socket.io") || path.contains("/engine.io")
}

/// What stands between us and the server, by its answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nginx,
    Cloudflare,
    Apache,
    Other,
}

fn proxy_of(headers: &HeaderMap) -> Option<Between> {
    let header = |name| headers.get(name).map(|value| value.as_bytes().to_ascii_lowercase());
    let server = header("server").unwrap_or_default();
    let server = String::from_utf8_lossy(&server);
    if headers.contains_key("cf-ray") || server.contains("cloudflare") {
        Some(Between::Cloudflare)
    } else if server.contains("nginx") || server.contains("openresty") {
        Some(Between::Nginx)
    } else if server.contains("apache") {
        Some(Between::Apache)
    } else if header("via").is_some() {
        Some(Between::Other)
    } else {
        None
    }
}

fn use_socket_io() -> Said {
    said!(
        "advice_socket_io",
        "Use the profile socket-io, with a URL that ends in /socket.io/?EIO=4&transport=websocket."
    )
}

fn check_path(proxy: Option<Between>) -> Said {
    let advice = said!("advice_check_path", "Check the path; feeds are often at /ws or /stream.");
    match proxy {
        None => advice,
        Some(_) => advice
            .and(said!(
                "advice_path_is_right",
                "If the path is right: a proxy in between may not pass on that we want a \
                 WebSocket."
            ))
            .and(pass_on(proxy)),
    }
}

/// What makes a proxy pass a WebSocket on.
fn pass_on(proxy: Option<Between>) -> Said {
    const NGINX: &str = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                         proxy_set_header Connection \"upgrade\"; proxy_read_timeout 1h;";
    match proxy {
        Some(Between::Cloudflare) => {
            said!("advice_cloudflare", "In Cloudflare, switch WebSockets on (Network).")
        }
        Some(Between::Apache) => said!(
            "advice_apache",
            "In Apache, end the path's ProxyPass line with upgrade=websocket (from 2.4.47 on)."
        ),
        Some(Between::Nginx) => said!(
            "advice_nginx",
            "In nginx, its location needs these lines: {lines}",
            lines = NGINX,
        ),
        Some(Between::Other) | None => said!(
            "advice_nginx_maybe",
            "If it is nginx, its location needs these lines: {lines}",
            lines = NGINX,
        ),
    }
}

/// Where a redirect leads, as the address of a WebSocket.
fn moved_to(target: &Target, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get("location")?.to_str().ok()?;
    let base = Url::parse(&target.request.uri().to_string()).ok()?;
    let mut url = base.join(location).ok().filter(|url| url.as_str().len() <= URL_BYTES_MAX)?;
    let scheme = match url.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    Some(url)
}
