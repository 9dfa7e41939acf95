"""Each row of the checklist of the wire is proven by a test that exists: here is by which."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest
from tests.architecture.sources import ROOT

CHECKLIST = ROOT.parent / "shared" / "checklists" / "hl7_wire_checks.csv"
ACKS, HTTP, BATCHES = "wire/test_acknowledgements", "wire/test_http", "wire/test_batches"
PARSING, RESULTS, LISTENER = "wire/test_parsing", "wire/test_results", "mllp/test_listener"
HL7, MERGING, RELEASE = "portal/test_hl7", "lab_release/test_merging", "lab_release/test_release"
FOLDING, APPLICATION = "portal/test_folding", "portal/test_application_acks"

ROWS = {
    "ACK-01": [f"{ACKS}::test_a_good_message_gets_one_aa_after_it_is_stored"],
    "ACK-02": [f"{ACKS}::test_a_content_error_is_an_ae_that_says_where_what_and_how_bad"],
    "ACK-03": [
        f"{ACKS}::test_what_is_not_supported_is_an_ar_and_waits_in_quarantine",
        f"{ACKS}::test_an_event_its_sender_is_not_set_to_send_is_a_201",
    ],
    "ACK-04": [f"{ACKS}::test_our_own_outage_is_a_503_in_either_mode"],
    "ACK-05": [f"{ACKS}::test_msa_2_is_msh_10_byte_for_byte"],
    "ACK-06": [f"{ACKS}::test_the_answers_header_is_new_and_goes_back_where_the_message_came_from"],
    "ACK-07": [
        f"{ACKS}::test_each_mode_gets_the_acknowledgements_it_asks_for",
        f"{APPLICATION}::test_msh_16_says_what_is_told",
    ],
    "ACK-08": [f"{ACKS}::test_each_mode_gets_the_acknowledgements_it_asks_for"],
    "ACK-09": [f"{ACKS}::test_each_mode_gets_the_acknowledgements_it_asks_for"],
    "ACK-10": [f"{ACKS}::test_each_mode_gets_the_acknowledgements_it_asks_for"],
    "ACK-11": [f"{APPLICATION}::test_msh_16_says_what_is_told"],
    "ACK-12": [f"{ACKS}::test_our_own_outage_is_a_503_in_either_mode"],
    "ACK-13": [f"{ACKS}::test_an_acknowledgement_is_not_acknowledged_and_is_nobodys_chart"],
    "ACK-14": [f"{ACKS}::test_the_answer_uses_the_requests_delimiters"],
    "ACK-15": [f"{ACKS}::test_a_fifth_encoding_character_is_accepted"],
    "ACK-16": [f"{ACKS}::test_without_a_usable_msh_the_answer_is_no_hl7"],
    "ACK-17": [f"{ACKS}::test_without_msh_10_it_is_an_error_101_and_waits_in_quarantine"],
    "ACK-18": [f"{ACKS}::test_the_same_bytes_twice_are_one_message_and_get_the_same_answer"],
    "ACK-19": [
        f"{ACKS}::test_other_bytes_under_the_same_control_id_are_a_message_of_their_own",
        f"{RELEASE}::test_the_same_result_under_a_new_control_id_is_no_news",
    ],
    "ACK-20": [
        f"{ACKS}::test_a_retry_while_the_first_is_in_flight_has_one_effect_and_both_get_the_answer"
    ],
    "ACK-21": [
        f"{ACKS}::test_a_kill_after_the_store_and_before_the_answer_leaves_the_message",
        f"{ACKS}::test_a_kill_before_the_store_or_the_queue_gives_no_answer",
        "mllp/test_process::test_a_kill_between_the_portals_answer_and_ours_loses_nothing",
    ],
    "HTTP-01": [f"{HTTP}::test_the_answer_has_the_requests_media_type_and_charset"],
    "HTTP-02": [f"{HTTP}::test_the_answer_has_the_requests_media_type_and_charset"],
    "HTTP-03": [
        f"{HTTP}::test_xml_is_refused_and_never_read",
        f"{HTTP}::test_nothing_that_runs_on_aws_imports_a_parser_of_xml",
    ],
    "HTTP-04": [f"{HTTP}::test_an_error_in_the_message_is_still_a_200"],
    "HTTP-05": [f"{HTTP}::test_a_refusal_of_http_is_never_of_an_hl7_type"],
    "HTTP-06": [f"{HTTP}::test_the_charset_of_http_wins_over_msh_18"],
    "HTTP-07": [f"{HTTP}::test_without_a_charset_bytes_that_are_no_utf_8_are_not_guessed"],
    "HTTP-08": [f"{HTTP}::test_a_body_that_is_not_in_its_charset_is_an_ar_and_waits_in_quarantine"],
    "HTTP-09": [f"{HTTP}::test_another_method_is_a_405_that_names_post"],
    "HTTP-10": [f"{HTTP}::test_without_a_credential_nothing_is_read_or_stored_and_it_is_audited"],
    "HTTP-11": [f"{HTTP}::test_a_sender_that_may_not_use_its_msh_4_is_an_ar_and_audited"],
    "HTTP-12": [f"{HTTP}::test_any_line_end_is_taken_and_the_answer_has_cr"],
    "HTTP-13": [f"{HTTP}::test_up_to_the_limit_it_is_taken_and_beyond_it_not_even_read"],
    "HTTP-14": [f"{HTTP}::test_nothing_is_decompressed"],
    "HTTP-15": [f"{HTTP}::test_a_body_that_did_not_arrive_whole_is_not_stored_or_acknowledged"],
    "MLLP-01": [f"{LISTENER}::test_an_answer_comes_framed_like_the_message_and_unchanged"],
    "MLLP-02": [f"{LISTENER}::test_bytes_before_vt_are_dropped_and_counted"],
    "MLLP-03": [f"{LISTENER}::test_a_broken_frame_gets_no_answer_and_the_next_vt_is_read"],
    "MLLP-04": [
        f"{LISTENER}::test_two_frames_in_one_segment_get_two_answers_in_order",
        f"{LISTENER}::test_one_frame_in_a_thousand_segments_gets_one_answer",
    ],
    "MLLP-05": [f"{LISTENER}::test_three_connections_at_once_are_all_answered"],
    "MLLP-06": [f"{LISTENER}::test_a_broken_frame_gets_no_answer_and_the_next_vt_is_read"],
    "BATCH-01": [f"{BATCHES}::test_a_batch_is_answered_by_a_batch_with_one_ack_for_each_message"],
    "BATCH-02": [f"{BATCHES}::test_a_wrong_count_is_an_ae_of_the_batch_and_its_messages_are_taken"],
    "BATCH-03": [f"{BATCHES}::test_one_bad_message_of_a_hundred_is_one_ae_and_none_is_lost"],
    "BATCH-04": [f"{BATCHES}::test_a_batch_beyond_what_a_queue_carries_waits_in_the_store"],
    "PARSE-01": [f"{HL7}::test_escapes_become_text_and_unknown_ones_stay"],
    "PARSE-02": [f"{RESULTS}::test_two_quotes_clear_what_is_stored_and_an_empty_field_leaves_it"],
    "PARSE-03": [
        f"{PARSING}::test_parts_beyond_the_standard_are_passed_over_and_kept_in_the_raw_message"
    ],
    "PARSE-04": [f"{PARSING}::test_unknown_segments_change_nothing_that_is_read"],
    "PARSE-05": [f"{PARSING}::test_a_segment_out_of_order_does_not_hide_a_result"],
    "PARSE-06": [f"{PARSING}::test_a_value_is_kept_whatever_obx_2_says"],
    "PARSE-07": [
        f"{ACKS}::test_without_a_usable_msh_the_answer_is_no_hl7",
        f"{HL7}::test_a_truncated_msh_reads_as_empty_fields",
    ],
    "PARSE-08": [f"{PARSING}::test_what_gets_into_a_message_on_its_way_is_tolerated"],
    "PARSE-09": [
        "portal/test_timestamps::test_precision_is_kept_and_the_senders_zone_fills_in",
        f"{PARSING}::test_a_time_that_does_not_exist_is_never_guessed",
    ],
    "PARSE-10": [f"{PARSING}::test_a_name_comes_out_as_it_went_in"],
    "PARSE-11": [f"{PARSING}::test_a_large_message_is_read_within_bounds"],
    "PARSE-12": [f"{PARSING}::test_a_million_repetitions_are_an_ae_and_wait_in_quarantine"],
    "IDENT-01": [f"{RELEASE}::test_a_doubtful_patient_is_not_guessed"],
    "IDENT-02": [
        f"{RELEASE}::test_a_doubtful_patient_is_not_guessed",
        "lab_release/test_registering"
        "::test_a_result_that_came_too_early_goes_on_when_its_patient_comes",
    ],
    "IDENT-03": [f"{RELEASE}::test_a_doubtful_patient_is_not_guessed"],
    "IDENT-04": [
        f"{MERGING}::test_a_merge_shows_both_records_under_the_survivor",
        f"{MERGING}::test_a_merged_record_opens_no_session_of_its_own",
    ],
    "IDENT-05": [f"{MERGING}::test_a_merge_repeated_has_no_second_effect"],
    "IDENT-06": [f"{MERGING}::test_a_result_for_the_retired_number_lands_on_the_survivor"],
    "IDENT-07": [
        f"{MERGING}::test_merges_in_a_chain_end_with_the_last_survivor",
        f"{MERGING}::test_a_merge_in_a_circle_is_refused",
    ],
    "IDENT-08": [
        f"{MERGING}::test_a_merge_signs_both_out_and_is_in_both_audit_trails",
        f"{MERGING}::test_another_person_does_not_get_into_the_chart_by_a_merge",
    ],
    "IDENT-09": [f"{MERGING}::test_an_unmerge_gives_each_their_own_again"],
    "IDENT-10": [f"{MERGING}::test_a_death_signs_out_and_ends_notifications"],
    "RESULT-01": [
        f"{RELEASE}::test_a_final_result_replaces_the_preliminary_one_and_both_versions_stay"
    ],
    "RESULT-02": [
        "results/test_correction::test_the_page_says_what_it_was_before_and_what_it_is_now",
        "results/test_correction"
        "::test_a_patient_is_told_again_of_a_correction_and_not_of_a_repetition",
    ],
    "RESULT-03": [f"{RELEASE}::test_a_correction_that_arrives_before_its_original_stays_the_word"],
    "RESULT-04": [f"{FOLDING}::test_the_newest_word_is_the_models"],
    "RESULT-05": [
        "results/test_withdrawal::test_of_another_patients_result_not_even_its_name_is_left",
        "results/test_withdrawal::test_what_was_taken_back_is_kept_for_those_who_must_know",
    ],
    "RESULT-06": [
        f"{FOLDING}::test_a_result_that_was_taken_back_has_no_value_and_no_past",
        f"{FOLDING}::test_a_report_whose_results_could_not_be_obtained_is_cancelled",
    ],
    "RESULT-07": [f"{RELEASE}::test_the_same_result_under_a_new_control_id_is_no_news"],
    "RESULT-08": [
        "portal/test_oru::test_every_version_of_a_report_has_the_same_ids",
        f"{FOLDING}::test_the_same_value_under_another_control_id_is_no_earlier_version",
    ],
    "RESULT-09": [
        "results/test_correction::test_a_unit_and_a_range_that_changed_are_said_to_have_changed"
    ],
    "RESULT-10": [f"{RESULTS}::test_a_critical_value_that_is_held_rings_for_the_staff"],
    "RESULT-11": [f"{RESULTS}::test_a_stored_report_holds_what_a_laboratory_must_report"],
    "RESULT-12": [
        "results/test_correction::test_each_earlier_version_is_kept",
        f"{RESULTS}::test_nothing_of_a_chart_or_a_message_expires",
    ],
    "RESULT-13": [
        "portal/test_sequences::test_a_number_that_is_missing_for_five_minutes_is_a_gap",
        "portal/test_sequences::test_a_late_arrival_fills_the_gap",
    ],
    "RESULT-14": [
        "schedules/test_any_order::test_any_order_ends_in_the_chart_of_the_reference_model"
    ],
}


@cache
def names_in(module: str) -> frozenset[str]:
    path = ROOT / "tests" / f"{module}.py"
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS)
def test_the_tests_that_prove_a_row_exist(row: str) -> None:
    assert ROWS[row]
    for each in ROWS[row]:
        module, _, name = each.partition("::")
        assert name.startswith("test_")
        assert name in names_in(module), each


def test_every_row_of_the_checklist_is_proven() -> None:
    if not Path(CHECKLIST).exists():
        pytest.skip("the shared checklist is not on this machine")
    with CHECKLIST.open(newline="") as lines:
        ids = [line["id"] for line in csv.DictReader(lines)]

    assert ids == list(ROWS)
