//! The actions of a history, and how a history is made at random.

use latchkey::server::store::Precondition;
use proptest::collection::vec;
use proptest::prelude::*;

pub const SKEW: u64 = 20;

/// One step of a history. Small numbers stand for keys, owners, counters and tickets, so that steps
/// meet.
#[derive(Clone, Debug)]
pub enum StoreAction {
    Get(u8),
    Put {
        key: u8,
        owner: Option<u8>,
        expect: Precondition,
        lasts: u8,
    },
    Take(u8),
    Delete(u8),
    Owned(u8),
    Scan(u8, usize),
    Reserve {
        ticket: u8,
        group: u8,
        charges: Vec<(u8, u32, u32, u8, bool)>,
    },
    Settle {
        ticket: u8,
        group: u8,
        how: Refunds,
    },
    Usage(u8),
    Reset(u8, u8),
    Sweep(usize),
    /// Seconds forward.
    Wait(u8),
    /// Seconds behind the latest time that was seen.
    Rewind(u8),
    Reopen,
}

/// Which charges are refunded when a ticket is settled.
#[derive(Clone, Copy, Debug)]
pub enum Refunds {
    None,
    All,
    One(u8),
}

pub fn history(longest: usize) -> impl Strategy<Value = Vec<StoreAction>> {
    let expect = prop_oneof![
        2 => Just(Precondition::Any),
        2 => Just(Precondition::Absent),
        3 => (1_u64..4).prop_map(Precondition::Version),
    ];
    let put = (0_u8..6, proptest::option::of(0_u8..3), expect, 0_u8..40).prop_map(
        |(key, owner, expect, lasts)| StoreAction::Put {
            key,
            owner,
            expect,
            lasts,
        },
    );
    let charges = vec((0_u8..3, 0_u32..4, 0_u32..7, 0_u8..40, any::<bool>()), 0..4);
    let reserve =
        (0_u8..8, 0_u8..3, charges).prop_map(|(ticket, group, charges)| StoreAction::Reserve {
            ticket,
            group,
            charges,
        });
    let back = prop_oneof![
        Just(Refunds::None),
        Just(Refunds::All),
        (0_u8..3).prop_map(Refunds::One)
    ];
    let settle = (0_u8..8, 0_u8..3, back).prop_map(|(ticket, group, how)| StoreAction::Settle {
        ticket,
        group,
        how,
    });
    let step = prop_oneof![
        4 => (0_u8..6).prop_map(StoreAction::Get),
        8 => put,
        2 => (0_u8..6).prop_map(StoreAction::Take),
        1 => (0_u8..6).prop_map(StoreAction::Delete),
        2 => (0_u8..3).prop_map(StoreAction::Owned),
        1 => (0_u8..2, 0_usize..6).prop_map(|(kind, limit)| StoreAction::Scan(kind, limit)),
        10 => reserve,
        6 => settle,
        4 => (0_u8..3).prop_map(StoreAction::Usage),
        1 => (0_u8..3, 0_u8..3).prop_map(|(group, counter)| StoreAction::Reset(group, counter)),
        2 => (0_usize..5).prop_map(StoreAction::Sweep),
        5 => (0_u8..15).prop_map(StoreAction::Wait),
        2 => (0..=SKEW as u8).prop_map(StoreAction::Rewind),
        1 => Just(StoreAction::Reopen),
    ];
    vec(step, 1..longest)
}
