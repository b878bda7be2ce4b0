//! Every sentence of the contract has a case, a function that gets an empty store of its own.
//!
//! The cases are in `records`, `owners`, `counters`, `reservations`, `refunds` and `clock`.

mod clock;
mod counters;
mod owners;
mod records;
mod refunds;
mod reservations;

pub use clock::*;
pub use counters::*;
pub use owners::*;
pub use records::*;
pub use refunds::*;
pub use reservations::*;

/// Hands every case to another macro, after what it is given.
macro_rules! with_every_case {
    ($then:ident $($given:tt)*) => {
        $then! { $($given)* =>
            nothing_is_there_at_first, a_record_is_found_as_it_was_put,
            a_record_is_gone_when_its_end_has_come, kinds_do_not_mix,
            several_records_are_found_in_order, empty_and_large_records_are_kept,
            absent_means_no_live_record, a_version_must_be_that_of_the_live_record,
            versions_grow_by_one_and_begin_again, a_conflict_changes_nothing,
            an_end_can_be_moved_both_ways, a_record_that_ended_before_it_was_put_is_never_seen,
            what_was_taken_is_gone, what_has_ended_cannot_be_taken,
            deleting_is_fine_with_nothing_there, several_are_deleted_together,
            a_store_in_use_is_ready,
            an_owner_lists_every_live_key, a_put_without_owner_leaves_the_key_where_it_is,
            a_key_joins_its_last_owner, a_key_that_begins_again_may_join_an_owner,
            a_key_that_lives_on_and_on_stays_with_its_owner,
            scan_finds_live_records_of_one_kind_up_to_a_limit,
            count_counts_the_live_records_of_one_kind,
            a_counter_stops_at_its_limit, all_charges_or_none, the_first_charge_too_many_is_named,
            amounts_of_one_key_add_up, nothing_and_zero_are_charged_without_a_trace,
            a_zero_charge_asks_whether_the_counter_is_above,
            an_amount_above_the_limit_is_refused_at_once,
            a_window_begins_with_its_first_charge_and_ends, a_running_window_keeps_its_length,
            a_window_of_nothing_counts_nothing, the_largest_numbers_do_not_overflow,
            groups_do_not_mix, a_charge_may_renew_its_window,
            usage_answers_in_order_and_charges_nothing, resetting_empties_the_named_counters_alone,
            reservations_in_turn_end_with_the_first_refusal,
            a_repeated_ticket_is_granted_and_charged_once, a_refused_ticket_may_try_again,
            a_ticket_is_named_within_its_group,
            keeping_keeps, a_refund_lowers_the_counter, settling_twice_does_nothing,
            the_first_settlement_counts, an_unknown_ticket_settles_as_nothing,
            a_refund_after_the_window_does_nothing, a_refund_does_not_change_a_later_window,
            a_refund_does_not_change_a_reset_counter, a_refund_changes_one_window_of_two,
            a_refund_of_the_last_charge_ends_the_window,
            a_refund_of_some_counters_keeps_the_others,
            sweeping_takes_nothing_that_lives, sweeping_keeps_to_its_limit,
            a_clock_that_steps_back_breaks_nothing
        }
    };
}

/// Makes a test of every case. The function given makes a store, and something to keep as long as
/// it is used.
macro_rules! conformance {
    ($fresh:path) => {
        with_every_case! { conformance $fresh }
    };
    ($fresh:path => $($case:ident),+) => {
        $(
            #[tokio::test]
            async fn $case() {
                let (store, _keep) = $fresh();
                $crate::conformance::$case(&*store).await;
            }
        )+
    };
}

/// Runs every case, one after the other, on what the expression makes of the case's name.
macro_rules! conform {
    ($make:expr) => {
        with_every_case! { conform $make }
    };
    ($make:expr => $($case:ident),+) => {
        $(
            println!("{}", stringify!($case));
            $crate::conformance::$case(&*$make(stringify!($case))).await;
        )+
    };
}
