//! Bytes that are awaited at a certain place of a message. The first of them are compared as one
//! number, which most keys fit into: this is done for every key of every message.

/// How many bytes the number holds.
const HEAD_BYTES: usize = 16;

#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// 0 if they are not to be expected.
    len: usize,
    head: u128,
    mask: u128,
    beyond: Box<[u8]>,
}

impl Written {
    pub fn new(bytes: &[u8]) -> Self {
        let (mut head, mut mask) = ([0; HEAD_BYTES], [0; HEAD_BYTES]);
        for ((byte, head), mask) in bytes.iter().zip(&mut head).zip(&mut mask) {
            (*head, *mask) = (*byte, u8::MAX);
        }
        Written {
            len: bytes.len(),
            head: u128::from_le_bytes(head),
            mask: u128::from_le_bytes(mask),
            beyond: bytes.get(HEAD_BYTES..).unwrap_or_default().into(),
        }
    }

    /// Where they end, if they stand in `bytes` from `at` on.
    #[inline]
    pub fn end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        let Some((head, rest)) = rest.split_first_chunk() else {
            return self.end_close(bytes, rest.len()).then_some(at + self.len);
        };
        if u128::from_le_bytes(*head) & self.mask != self.head || self.len == 0 {
            return None;
        }
        if !self.beyond.is_empty() && !rest.starts_with(&self.beyond) {
            return None;
        }
        Some(at + self.len)
    }

    /// The same, where only `left` bytes are left, fewer than the number holds.
    #[inline]
    fn end_close(&self, bytes: &[u8], left: usize) -> bool {
        let head = match bytes.last_chunk() {
            // What is before them drops out, and zeros follow them.
            Some(last) if left > 0 => {
                u128::from_le_bytes(*last) >> (8 * (HEAD_BYTES - left.min(HEAD_BYTES)))
            }
            _ => {
                let mut head = [0; HEAD_BYTES];
                let rest = bytes.get(bytes.len() - left..).unwrap_or_default();
                head.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                u128::from_le_bytes(head)
            }
        };
        head & self.mask == self.head && (1..=left).contains(&self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_found_exactly_where_it_stands(
            message in "[ab]{0,40}",
            at in 0usize..45,
            len in 0usize..40,
            other in "[ab]{1,3}",
        ) {
            let message = message.as_bytes();
            let rest = message.get(at..).unwrap_or_default();
            let there = &rest[..len.min(rest.len())];
            let found = Written::new(there).end(message, at);
            prop_assert_eq!(found, (!there.is_empty()).then_some(at + there.len()));
            for awaited in [[there, other.as_bytes()].concat(), other.into_bytes()] {
                let expected = rest.starts_with(&awaited).then_some(at + awaited.len());
                prop_assert_eq!(Written::new(&awaited).end(message, at), expected);
            }
        }
    }
}
