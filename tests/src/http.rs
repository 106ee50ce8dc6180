//! Servers that are not WebSocket servers.

use anyhow::Result;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

/// Answers each handshake with the same HTTP response, from now to the end of the program. Gives
/// the address, as of a WebSocket.
pub fn answer(status: &'static str, body: &'static str) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            if !lines.take_while(|line| !line.is_empty()).any(|line| line.contains("HTTP/1.1")) {
                continue;
            }
            let length = body.len();
            // All at once: of an answer that comes in pieces, only the first is sure to be read.
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    Ok(format!("ws://127.0.0.1:{port}/"))
}

/// An address at which nobody listens.
pub fn refused() -> Result<String> {
    let port = crate::webdriver::free_port()?;
    Ok(format!("ws://127.0.0.1:{port}/"))
}
