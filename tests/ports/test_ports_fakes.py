"""The suite of the ports again, on the fakes in memory: what use cases are tested with is true.

Left out are tests that look behind the port with SQL, and the filters of lists, which no use case
decides by.
"""

import pytest

from fakes import MemoryDocuments
from fakes_storage import MemoryDatabase
from ports.stores import Store
from ports.test_ports_agreements import (  # noqa: F401 - imported to be run here too
    test_a_change_without_an_event_is_refused,
    test_a_cursor_of_another_tenant_is_refused,
    test_a_foreign_cursor_is_refused,
    test_agreements_whose_time_has_run_out_are_listed_oldest_first,
    test_an_agreement_comes_back_as_it_was_in_every_field,
    test_an_agreement_is_found_by_any_revision_it_ever_had,
    test_an_agreement_is_found_by_its_party,
    test_an_agreement_of_another_tenant_is_not_found,
    test_events_are_a_chain_whose_openings_tell_what_happened,
    test_lists_are_newest_first_and_go_on_where_they_stopped,
    test_only_a_loaded_agreement_is_saved,
    test_page_and_plan_come_back_and_a_new_plan_takes_the_place_of_the_old,
    test_twelve_writers_on_three_agreements_leave_whole_chains,
)
from ports.test_ports_callers import (  # noqa: F401 - imported to be run here too
    test_a_failed_call_frees_its_key_and_an_answered_one_does_not,
    test_a_first_call_that_was_taken_for_dead_and_is_not_cannot_answer_too,
    test_a_key_is_found_by_its_secret_and_tells_its_tenant,
    test_a_second_call_waits_until_the_first_is_answered_or_taken_for_dead,
    test_a_tenant_or_serial_that_exists_is_a_conflict,
    test_an_answer_without_a_begun_call_is_refused,
    test_another_body_under_the_same_key_is_refused,
    test_of_twelve_equal_calls_at_once_one_is_the_first,
    test_the_same_key_of_another_tenant_is_another_key,
    test_the_same_request_again_gets_the_first_answer,
)
from ports.test_ports_ceremonies import (  # noqa: F401 - imported to be run here too
    test_a_ceremony_comes_back_as_it_was_in_every_field,
    test_a_new_intent_lets_older_open_ones_of_the_same_party_lapse,
    test_a_party_without_a_ceremony_gets_a_fresh_one,
    test_an_intent_comes_back_as_it_was_with_value_token_and_result,
    test_intents_that_are_not_there_are_not_found_or_broken,
    test_intents_with_a_value_and_no_revision_are_unfinished,
    test_the_open_intent_of_a_party_is_the_newest_that_is_not_finished,
    test_wrong_answers_given_at_the_same_time_are_all_counted,
)
from ports.test_ports_documents import (  # noqa: F401 - imported to be run here too
    test_a_missing_document_is_named,
)
from ports.test_ports_jobs import (  # noqa: F401 - imported to be run here too
    test_a_failed_job_comes_back_at_its_time,
    test_a_finished_job_may_be_added_again_under_a_new_id,
    test_a_job_is_claimed_when_it_is_due_with_its_payload,
    test_a_job_of_a_transaction_that_failed_does_not_exist,
    test_a_leased_job_is_nobody_elses_until_the_lease_lapses,
    test_a_second_unfinished_job_of_the_same_kind_and_key_is_not_added,
    test_eight_claimers_share_twenty_jobs_without_doing_one_twice,
    test_jobs_are_claimed_in_the_order_in_which_they_are_due,
    test_who_lost_the_lease_cannot_put_the_job_off_for_the_one_who_has_it,
)


@pytest.fixture
def store(clock) -> Store:
    """Two tenants in memory, where the real suite has two in a database."""
    database = MemoryDatabase()
    store = Store("memory", database, None, None, None, clock, close=lambda: None)
    with database.transaction() as tx:
        for name in ("a", "b"):
            tx.tenants.create(tenant_id=f"ten_{name}", name=f"Platform {name}", at=clock())
    return store


@pytest.fixture
def documents() -> MemoryDocuments:
    return MemoryDocuments()
