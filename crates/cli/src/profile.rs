//! `feedtap profile`: what is wrong in a profile, and which ones come with feedtap.

use crate::args;
use crate::exit::Failure;
use crate::feed::unknown_profile;
use crate::visible::{visible, visible_lines};
use feedscope_feed::Profile;
use feedscope_feed::profile::Bundled;
use std::io::{self, Write};

pub fn run(args: args::Profile) -> Result<(), Failure> {
    match args {
        args::Profile::Check { file } => {
            let profile = Profile::read(&file).map_err(|errors| {
                let lines: Vec<_> = visible_lines(&errors.to_string()).collect();
                Failure::unusable(lines.join("\n"))
            })?;
            print(&format!("{} is in order: {}.\n", file.display(), visible(&profile.name)))
        }
        args::Profile::List => {
            let width = Profile::bundled().iter().map(|bundled| bundled.id.len()).max();
            let line = |bundled: &Bundled| {
                let profile = Profile::bundled_named(bundled.id)?;
                let about = profile.about.unwrap_or(profile.name);
                Some(format!("{:width$}  {about}\n", bundled.id, width = width.unwrap_or(0)))
            };
            print(&Profile::bundled().iter().filter_map(line).collect::<String>())
        }
        args::Profile::Show { name } => {
            let bundled = Profile::bundled().iter().find(|bundled| bundled.id == name);
            print(bundled.ok_or_else(|| unknown_profile(&name))?.text)
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("The output failed: {error}.")))
        }
        _ => Ok(()),
    }
}
