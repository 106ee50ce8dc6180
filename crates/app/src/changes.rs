//! What has come of gaps since the last update was made, as far as the next one must know.

/// The earliest gap that was added since the last update.
#[derive(Debug, Default)]
pub(crate) struct GapChanges {
    start_ns: Option<i64>,
}

impl GapChanges {
    pub fn note(&mut self, start_ns: i64) {
        self.start_ns = Some(self.start_ns.map_or(start_ns, |earliest| earliest.min(start_ns)));
    }

    /// The earliest time from which on any line may be broken anew.
    pub fn since(&self) -> Option<i64> {
        self.start_ns
    }

    pub fn clear(&mut self) {
        self.start_ns = None;
    }
}
