//! Numbers one after the other, with nothing in between.

use super::error::{DecodeError, SetupError};
use crate::profile::{self, Endian, RawNumber};
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(super) struct Raw {
    settings: Arc<profile::Raw>,
}

impl Raw {
    pub fn new(settings: Option<&profile::Raw>) -> Result<Self, SetupError> {
        let settings = settings.filter(|raw| !raw.fields.is_empty()).cloned();
        let settings = settings.ok_or_else(|| SetupError {
            what: "The profile says that messages are raw numbers, but not which.".into(),
            advice: "Add “[decode.raw]” to it, with “number” and “fields”.".into(),
        })?;
        Ok(Raw { settings: Arc::new(settings) })
    }

    pub fn fields(&self) -> &[String] {
        &self.settings.fields
    }

    /// From one group to the next.
    pub fn interval(&self) -> Option<Duration> {
        self.settings.interval
    }

    /// The groups of a message, and what is wrong with what is left over.
    pub fn groups<'m>(
        &self,
        message: &'m [u8],
    ) -> (impl ExactSizeIterator<Item = &'m [u8]>, Option<DecodeError>) {
        let size = self.number_bytes() * self.settings.fields.len();
        let skip = self.settings.skip_bytes;
        let numbers = message.get(skip..).unwrap_or_default();
        let groups = numbers.chunks_exact(size);
        let left = groups.remainder().len();
        let wrong = if message.is_empty() {
            Some(DecodeError::empty())
        } else if numbers.is_empty() {
            let bytes = message.len();
            Some(DecodeError::new(format!(
                "No numbers: the message has {bytes} bytes, and {skip} are to be skipped"
            )))
        } else if left > 0 {
            Some(DecodeError::new(format!(
                "Not whole numbers: {left} bytes are left over, where {size} are needed"
            )))
        } else {
            None
        };
        (groups, wrong)
    }

    /// The numbers of a group.
    pub fn numbers<'m>(&self, group: &'m [u8]) -> impl Iterator<Item = f64> + use<'_, 'm> {
        group.chunks_exact(self.number_bytes()).map(|bytes| self.number(bytes))
    }

    fn number_bytes(&self) -> usize {
        match self.settings.number {
            RawNumber::I16 => 2,
            RawNumber::F32 => 4,
            RawNumber::F64 => 8,
        }
    }

    fn number(&self, bytes: &[u8]) -> f64 {
        let mut little = [0; 8];
        for (to, from) in little.iter_mut().zip(bytes) {
            *to = *from;
        }
        if self.settings.endian == Endian::Big {
            little[..bytes.len().min(8)].reverse();
        }
        let [a, b, c, d, ..] = little;
        match self.settings.number {
            RawNumber::I16 => i16::from_le_bytes([a, b]).into(),
            RawNumber::F32 => f32::from_le_bytes([a, b, c, d]).into(),
            RawNumber::F64 => f64::from_le_bytes(little),
        }
    }
}
