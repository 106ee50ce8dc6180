//! Writes the window's TypeScript types into the folder that is named.

use feedscope_app::{api, spread, view};
use std::process::ExitCode;
use ts_rs::{Config, TS};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: types FOLDER");
        return ExitCode::FAILURE;
    };
    // Counts are far from 2^53, beyond which JavaScript's numbers are not exact.
    let config = Config::new().with_out_dir(folder).with_large_int("number");
    // With these come all that they are made of.
    let written = api::Start::export_all(&config)
        .and_then(|()| api::Update::export_all(&config))
        .and_then(|()| api::Watch::export_all(&config))
        .and_then(|()| api::DerivedPreview::export_all(&config))
        .and_then(|()| api::Together::export_all(&config))
        .and_then(|()| api::Picture::export_all(&config))
        .and_then(|()| api::BoardList::export_all(&config))
        .and_then(|()| api::BoardChange::export_all(&config))
        .and_then(|()| api::BoardChanged::export_all(&config))
        .and_then(|()| api::BoardLook::export_all(&config))
        .and_then(|()| api::BoardImport::export_all(&config))
        .and_then(|()| api::Exported::export_all(&config))
        .and_then(|()| api::AnnotationsFormat::export_all(&config))
        .and_then(|()| api::AnnotationsRead::export_all(&config))
        .and_then(|()| api::Proposal::export_all(&config))
        .and_then(|()| api::Template::export_all(&config))
        .and_then(|()| api::Span::export_all(&config))
        .and_then(|()| api::Statistics::export_all(&config))
        .and_then(|()| api::ProfileCard::export_all(&config))
        .and_then(|()| api::DraftChecked::export_all(&config))
        .and_then(|()| api::Subscribed::export_all(&config))
        .and_then(|()| api::ProbeLook::export_all(&config))
        .and_then(|()| api::GapsAsked::export_all(&config))
        .and_then(|()| api::GapList::export_all(&config))
        .and_then(|()| api::Freshness::export_all(&config))
        .and_then(|()| api::HealthAsked::export_all(&config))
        .and_then(|()| api::Health::export_all(&config))
        .and_then(|()| api::Mistake::export_all(&config))
        .and_then(|()| api::DepthAsked::export_all(&config))
        .and_then(|()| api::Depth::export_all(&config))
        .and_then(|()| api::Histogram::export_all(&config))
        .and_then(|()| api::Distribution::export_all(&config))
        .and_then(|()| api::Heat::export_all(&config))
        .and_then(|()| api::Pairs::export_all(&config))
        .and_then(|()| spread::HeatFacts::export_all(&config))
        .and_then(|()| spread::PairsFacts::export_all(&config))
        .and_then(|()| api::Inspected::export_all(&config))
        .and_then(|()| api::PageAsked::export_all(&config))
        .and_then(|()| api::InspectPage::export_all(&config))
        .and_then(|()| api::InspectMessage::export_all(&config))
        .and_then(|()| api::CodeAsked::export_all(&config))
        .and_then(|()| api::SendAsked::export_all(&config))
        .and_then(|()| api::SendResult::export_all(&config))
        .and_then(|()| api::JsonFault::export_all(&config))
        .and_then(|()| api::Alerts::export_all(&config))
        .and_then(|()| api::AlertEvent::export_all(&config))
        .and_then(|()| api::AlertLogSpan::export_all(&config))
        .and_then(|()| api::AlertRehearsal::export_all(&config))
        .and_then(|()| view::Facts::export_all(&config));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
