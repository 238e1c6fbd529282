//! What every ledger does, whatever keeps it.

mod backlog;
pub mod cases;
mod damage;
pub mod incidents;
mod journal;
pub mod leases;
mod reopened;
mod reports;
mod runs;
mod several;
mod versions;

use crate::place::Place;
use orderly_engine::ports::backlog::BacklogStore;
use orderly_engine::ports::ledger::Ledger;

/// Needs nothing but the port. Every story keeps a backlog of its own, so that one ledger can tell them all.
pub async fn of_one<L: Ledger + BacklogStore>(ledger: &L) {
    let (ledger, store): (&dyn Ledger, &dyn BacklogStore) = (ledger, ledger);
    leases::one_of_many_wins(&[ledger]).await;
    leases::a_lapsed_lease_is_taken_over_and_the_stale_one_writes_nothing(ledger).await;
    leases::a_lease_that_was_given_back_is_free_and_writes_nothing(ledger).await;
    leases::who_asks_again_gets_the_lease_again(ledger).await;
    leases::a_renewed_lease_lasts_longer(ledger).await;
    leases::backlogs_do_not_wait_for_each_other(ledger).await;
    journal::every_shape_comes_back_as_it_was(ledger).await;
    journal::an_entry_is_replaced_and_stays_in_the_history_of_every_run(ledger).await;
    journal::hostile_text_comes_back_as_it_was(ledger).await;
    journal::a_backlog_holds_what_was_recorded_under_its_lease(ledger).await;
    reports::the_last_report_of_each_issue_is_kept(ledger).await;
    runs::a_run_is_begun_and_completed_once(ledger).await;
    runs::the_history_begins_with_the_newest(ledger).await;
    runs::a_run_that_contradicts_itself_is_refused(ledger).await;
    backlog::tracked_work_comes_back_as_it_was_and_changes_replace_it(store).await;
    backlog::items_are_forgotten_and_what_was_seen_of_errors_stays(store).await;
    backlog::what_was_read_for_other_teams_is_no_answer_and_is_forgotten(store).await;
    backlog::the_last_examples_are_kept(store).await;
}

/// The stories that open the ledger of a place more than once; each needs a place that nobody used before.
pub async fn of_a_place(mut fresh: impl AsyncFnMut() -> Place) {
    reopened::everything_is_there_after_a_crash(&fresh().await).await;
    several::runners_that_open_a_new_ledger_at_once_all_succeed(&fresh().await).await;
    several::one_of_many_runners_wins(&fresh().await).await;
    several::nothing_is_lost_when_runners_take_turns(&fresh().await).await;
    versions::a_newer_ledger_is_refused(&fresh().await).await;
    versions::a_ledger_of_another_text_is_refused(&fresh().await).await;
    versions::a_version_that_follows_keeps_what_is_stored(&fresh().await).await;
    versions::what_the_first_version_stored_is_still_understood(&fresh().await).await;
    damage::an_impossible_row_is_named(&fresh().await).await;
}
