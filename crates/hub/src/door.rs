//! Who may come in: decided from the handshake request alone.

use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use url::form_urlencoded;

/// A native client sends no Origin; a browser always does, and names the page that asks. So a
/// page from anywhere cannot come in even if it learns the token.
pub(crate) fn admit(request: &Request, token: &str, origins: &[String]) -> Result<(), Refusal> {
    if request.uri().path() != "/" {
        return Err(Refusal::NotFound);
    }
    if let Some(origin) = request.headers().get(header::ORIGIN)
        && !origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
    {
        return Err(Refusal::Origin);
    }
    let query = request.uri().query().unwrap_or_default();
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    if !given.is_some_and(|(_, given)| same(&given, token)) {
        return Err(Refusal::Token);
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotFound,
    Origin,
    Token,
    Crowded,
}

impl Refusal {
    pub(crate) fn response(self) -> ErrorResponse {
        let (status, body) = match self {
            Refusal::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no feed at this path; it is at /. Use the address that Feedscope shows.\n",
            ),
            Refusal::Origin => (
                StatusCode::FORBIDDEN,
                "This feed does not serve web pages of this origin. Subscribe with a program \
                 that sends no Origin header.\n",
            ),
            Refusal::Token => (
                StatusCode::UNAUTHORIZED,
                "The address needs the right ?token=…. It changes with every start: copy the \
                 present address.\n",
            ),
            Refusal::Crowded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This feed has as many clients as it takes. Close one and try again.\n",
            ),
        };
        let mut response = ErrorResponse::new(Some(body.to_owned()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

/// What is sent to those who do not ask for a WebSocket: the page of a browser, say.
pub(crate) const NOT_A_WEBSOCKET: &str = "HTTP/1.1 426 Upgrade Required\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade, close\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 68\r\n\
    \r\n\
    This is a WebSocket feed. Subscribe to it with a WebSocket client.\r\n";

/// Takes as long wherever the two differ, so that the time taken tells nothing of the token.
fn same(given: &str, expected: &str) -> bool {
    given.len() == expected.len()
        && given.bytes().zip(expected.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str, origin: Option<&str>) -> Result<(), Refusal> {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        }
        admit(&request, "5ecret", &["tauri://localhost".to_owned()])
    }

    #[test]
    fn the_token_opens_the_door_to_native_clients_and_known_pages() {
        assert_eq!(asked("/?token=5ecret", None), Ok(()));
        assert_eq!(asked("/?a=b&token=%35ecret&c", None), Ok(()));
        assert_eq!(asked("/?token=5ecret", Some("tauri://localhost")), Ok(()));
    }

    #[test]
    fn all_others_stay_outside() {
        for uri in ["/", "/?token=", "/?token=5ecre", "/?token=5ecreT", "/?TOKEN=5ecret"] {
            assert_eq!(asked(uri, None), Err(Refusal::Token), "{uri}");
        }
        for origin in ["null", "https://evil.example", "tauri://localhost.evil.example", ""] {
            assert_eq!(asked("/?token=5ecret", Some(origin)), Err(Refusal::Origin), "{origin}");
        }
        assert_eq!(asked("/feed?token=5ecret", None), Err(Refusal::NotFound));
    }

    #[test]
    fn the_fixed_answer_says_its_true_length() {
        let (head, body) = NOT_A_WEBSOCKET.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
