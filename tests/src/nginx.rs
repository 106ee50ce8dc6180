//! nginx as a reverse proxy in front of servers on loopback.

use crate::process::{Running, tied};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START_MAX: Duration = Duration::from_secs(20);

/// Debian's does not stand in the path of those who are not root.
const PROGRAMS: [&str; 2] = ["/usr/sbin/nginx", "nginx"];

/// A running nginx, with a folder of its own, which is stopped when this goes away.
pub struct Nginx {
    port: u16,
    program: &'static str,
    folder: TempDir,
    _process: Running,
}

impl Nginx {
    /// `locations` is what stands in its `server`.
    pub fn start(locations: &str) -> Result<Nginx> {
        let runs = |program: &&&str| Command::new(program).arg("-v").output().is_ok();
        let program = PROGRAMS.iter().find(runs).copied();
        let program = program.context(
            "There is no nginx; on Debian, `apt install nginx-light` brings it, and so does \
             `cargo xtask test --only system`.",
        )?;
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        fs::write(folder.path().join("nginx.conf"), configuration(port, locations))?;
        let mut command = tied(program);
        at(&mut command, folder.path()).args(["-g", "daemon off;"]).stdin(Stdio::null());
        let process = Running::start(&mut command)?;
        let nginx = Nginx { port, program, folder, _process: process };
        let deadline = Instant::now() + START_MAX;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if Instant::now() > deadline {
                bail!("nginx does not listen; it says: {}", nginx.log());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(nginx)
    }

    /// Where a path of it is.
    pub fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// Reads its configuration again: others take over, and those who have connections may keep
    /// them for a second.
    pub fn reload(&self) -> Result<()> {
        self.signal("reload")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let mut command = Command::new(self.program);
        let said = at(&mut command, self.folder.path()).args(["-s", signal]).output()?;
        ensure!(said.status.success(), "nginx: {}", String::from_utf8_lossy(&said.stderr));
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed, it could not end its workers.
        if self.signal("stop").is_ok() {
            let deadline = Instant::now() + Duration::from_secs(5);
            while self.folder.path().join("nginx.pid").exists() && Instant::now() < deadline {
                sleep(Duration::from_millis(10));
            }
        }
    }
}

fn at<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    // Before the configuration is read, it would write to the system's own log.
    command.arg("-p").arg(folder).args(["-e", "error.log", "-c", "nginx.conf"])
}

fn configuration(port: u16, locations: &str) -> String {
    let bodies: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {kind};\n"))
        .concat();
    format!(
        "worker_processes 1;\n\
         worker_shutdown_timeout 1s;\n\
         error_log error.log;\n\
         pid nginx.pid;\n\
         events {{ worker_connections 256; }}\n\
         http {{\n\
         {bodies}    access_log off;\n    \
             server {{\n        \
                 listen 127.0.0.1:{port};\n\
         {locations}    }}\n\
         }}\n"
    )
}
