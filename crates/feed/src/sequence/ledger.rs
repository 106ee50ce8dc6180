//! Where every received message went.

use serde::Serialize;

/// Counts every received message, and where it went. The two are counted in one step, so that
///
/// `received = delivered + control + duplicate + late + undecodable + held + overflow`
///
/// holds at every moment. What was *not* received has no place here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Ledger {
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    received: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    delivered: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    control: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    duplicate: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    late: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    undecodable: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    held: u64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    overflow: u64,
}

/// Where a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// To whoever subscribed, in its place.
    Delivered,
    /// It had no data: a heartbeat, an acknowledgement.
    Control,
    /// It had come before.
    Duplicate,
    /// It had been given up: those after it have been delivered.
    Late,
    /// It could not be read.
    Undecodable,
    /// It waits for an earlier one. The only fate that is not final.
    Held,
    /// There was no room for it.
    Overflow,
}

impl Ledger {
    /// Enters a message that was just received.
    pub fn admit(&mut self, fate: Fate) {
        self.received += 1;
        *self.count_mut(fate) += 1;
    }

    /// Moves a message that was held to where it went in the end. Returns `false`, and changes
    /// nothing, if none is held.
    pub fn settle(&mut self, fate: Fate) -> bool {
        if self.held == 0 {
            return false;
        }
        self.held -= 1;
        *self.count_mut(fate) += 1;
        true
    }

    /// Whether every received message is accounted for. It cannot be otherwise; this is for tests
    /// and for whoever wants to see it.
    pub fn balances(&self) -> bool {
        let Ledger { received, delivered, control, duplicate, late, undecodable, held, overflow } =
            *self;
        received == delivered + control + duplicate + late + undecodable + held + overflow
    }

    pub fn received(&self) -> u64 {
        self.received
    }

    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    pub fn control(&self) -> u64 {
        self.control
    }

    pub fn duplicate(&self) -> u64 {
        self.duplicate
    }

    pub fn late(&self) -> u64 {
        self.late
    }

    pub fn undecodable(&self) -> u64 {
        self.undecodable
    }

    pub fn held(&self) -> u64 {
        self.held
    }

    pub fn overflow(&self) -> u64 {
        self.overflow
    }

    fn count_mut(&mut self, fate: Fate) -> &mut u64 {
        match fate {
            Fate::Delivered => &mut self.delivered,
            Fate::Control => &mut self.control,
            Fate::Duplicate => &mut self.duplicate,
            Fate::Late => &mut self.late,
            Fate::Undecodable => &mut self.undecodable,
            Fate::Held => &mut self.held,
            Fate::Overflow => &mut self.overflow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FATES: [Fate; 7] = [
        Fate::Delivered,
        Fate::Control,
        Fate::Duplicate,
        Fate::Late,
        Fate::Undecodable,
        Fate::Held,
        Fate::Overflow,
    ];

    #[test]
    fn what_was_held_is_settled_once() {
        let mut ledger = Ledger::default();
        ledger.admit(Fate::Held);
        assert!(ledger.settle(Fate::Delivered));
        let before = ledger;
        assert!(!ledger.settle(Fate::Delivered));
        assert_eq!(ledger, before);
        assert_eq!((ledger.received(), ledger.delivered(), ledger.held()), (1, 1, 0));
    }

    #[test]
    fn every_count_is_written_by_its_name() {
        let mut ledger = Ledger::default();
        for (i, fate) in FATES.into_iter().enumerate() {
            (0..=i).for_each(|_| ledger.admit(fate));
        }
        assert_eq!(
            serde_json::to_value(ledger).unwrap(),
            serde_json::json!({
                "received": 28, "delivered": 1, "control": 2, "duplicate": 3, "late": 4,
                "undecodable": 5, "held": 6, "overflow": 7,
            })
        );
    }

    proptest! {
        #[test]
        fn it_balances_whatever_happens(
            entries in prop::collection::vec((any::<bool>(), prop::sample::select(&FATES[..])), 0..200)
        ) {
            let mut ledger = Ledger::default();
            let mut received = 0;
            for (admit, fate) in entries {
                if admit {
                    ledger.admit(fate);
                    received += 1;
                } else {
                    ledger.settle(fate);
                }
                prop_assert!(ledger.balances());
                prop_assert_eq!(ledger.received(), received);
            }
        }
    }
}
