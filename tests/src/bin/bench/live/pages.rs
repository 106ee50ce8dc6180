//! Serves the pages of the peers to their browsers, and takes what they report.

use super::program::{Progress, REPORTS_MAX};
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// A second's worth of frames, with room.
const REPORT_BYTES_MAX: usize = 1 << 20;
/// A browser that stops in the middle of a request keeps its thread no longer than this.
const READ_MAX: Duration = Duration::from_secs(60);

/// Serves the files of a folder, from now to the end of the program. Gives the address, and what
/// is reported to it.
pub fn serve(folder: PathBuf) -> Result<(String, Receiver<Progress>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let url = format!("http://{}", listener.local_addr()?);
    let (report, reports) = sync_channel(REPORTS_MAX);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (folder, report) = (folder.clone(), report.clone());
            // Whoever asks for what is not there gets no answer, and notices.
            thread::spawn(move || answer(stream, &folder, &report));
        }
    });
    Ok((url, reports))
}

fn answer(stream: TcpStream, folder: &Path, report: &SyncSender<Progress>) -> Result<()> {
    stream.set_read_timeout(Some(READ_MAX))?;
    let mut reader = BufReader::new(&stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut words = request.split(' ');
    let (method, target) = (words.next(), words.next().context("no target")?);
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    if method == Some("POST") {
        ensure!(length <= REPORT_BYTES_MAX, "a report of {length} bytes");
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        // Full when nobody listens any more.
        let _ = report.try_send(serde_json::from_slice(&body)?);
        return respond(&stream, "204 No Content", "text/plain", &[]);
    }
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        // Anything else is not compiled while it loads.
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    match std::fs::read(folder.join(path)) {
        Ok(bytes) => respond(&stream, "200 OK", kind, &bytes),
        Err(_) => respond(&stream, "404 Not Found", "text/plain", b"There is no such file."),
    }
}

fn respond(mut stream: &TcpStream, status: &str, kind: &str, body: &[u8]) -> Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    );
    // At once: of an answer that comes in pieces, each waits for the last one's acknowledgement.
    stream.write_all(&[head.as_bytes(), body].concat())?;
    Ok(())
}
