"""What is odd about each outside system, and the test that holds it: `<module below tests/handoff_bus>:<test>`."""

HERE = "gotchas.test_gotchas"
CALLS = "sources.telephony"

GOTCHAS: dict[str, dict[str, str]] = {
    "amocrm": {
        "every value is text; an item list is an array or keyed by 0": (
            "kinds.test_amocrm_kind:test_items_keyed_by_zero_and_arrays_are_the_same"
        ),
        "a date field is a scalar among values": "kinds.test_amocrm_kind:test_a_date_field_is_a_scalar_among_values",
        "an entity may be JSON in a string, companies come as contacts, answers to unsorted as deletions": (
            "kinds.test_amocrm_kind:test_samples_without_words_in_the_bus"
        ),
        "the text of a call's note is JSON in a string": (
            "kinds.test_amocrm_kind:test_a_note_about_a_call_is_json_in_a_string"
        ),
        "attachement is spelt so, notes nest twice": f"{HERE}:test_amocrm_spells_attachement_and_nests_notes_twice",
        "local times have no zone": "kinds.test_amocrm_kind:test_local_times_of_notes_are_not_used",
        "no delivery id; a thin trigger does not say when": (
            "kinds.test_amocrm_kind:test_a_thin_stage_trigger_is_the_same_within_the_hour"
        ),
    },
    "bitrix24": {
        "an event is an id and no more": (
            "kinds.test_bitrix24_kind:test_a_thin_event_is_completed_by_what_the_portal_tells"
        ),
        "an update fires on any field, a move only for applications": (
            "kinds.test_bitrix24_kind:test_samples_without_words_in_the_bus"
        ),
        "seconds are text, 200 is talk and 304 a missed call": (
            "kinds.test_bitrix24_kind:test_only_code_200_is_talk_and_seconds_are_text"
        ),
        "a robot has no OAuth tokens": "kinds.test_bitrix24_kind:test_a_robot_comes_without_oauth_tokens",
        "ts is when it was sent, and a call is the same whenever": (
            "kinds.test_bitrix24_kind:test_a_call_is_the_same_whenever_it_is_sent"
        ),
        "tokens of users come along": "kinds.test_bitrix24_kind:test_tokens_are_never_stored",
    },
    "bitrix24_telephony": {
        "304 is a missed call": (
            f"{CALLS}.test_bitrix24_telephony:test_a_failed_call_has_no_seconds_and_304_is_a_missed_one"
        ),
    },
    "hubspot": {
        "eventType is another name": "kinds.test_hubspot_kind:test_event_type_is_another_name_of_subscription_type",
        "a property is always text": f"{HERE}:test_hubspot_writes_every_property_as_text",
        "escapes are decoded before signing": (
            "kinds.test_hubspot_kind:test_certain_escapes_of_the_address_are_decoded_before_signing"
        ),
        "an event id is not unique": "kinds.test_hubspot_kind:test_an_event_id_alone_is_not_unique",
        "attempts grow": "kinds.test_hubspot_kind:test_a_repeated_delivery_counts_its_attempts_and_is_the_same",
    },
    "pipedrive": {
        "previous holds what changed, custom fields are objects": (
            f"{HERE}:test_pipedrive_previous_holds_what_changed_and_custom_fields_are_objects"
        ),
        "a moment is ISO or unix": "kinds.test_pipedrive_kind:test_the_timestamp_is_unix_or_iso",
        "attempts grow": "kinds.test_pipedrive_kind:test_a_repeated_delivery_counts_its_attempts_and_is_the_same",
    },
    "salesforce": {
        "fields are what somebody chose, Amount may be absent": (
            "kinds.test_salesforce_kind:test_fields_are_those_that_the_administrator_chose"
        ),
        "objects have a namespace, up to a hundred in one POST": (
            "kinds.test_salesforce_kind:test_a_batch_of_leads_is_as_many_inbound_leads"
        ),
        "200 is not enough": "kinds.test_salesforce_kind:test_the_answer_acknowledges_in_its_body",
        "XML may bite": "kinds.test_salesforce_kind:test_document_types_and_entities_are_refused",
    },
    "mango": {
        "talk runs from talk_time, 0 is none whatever the result says": (
            f"{CALLS}.test_mango:test_a_call_without_an_answer_has_no_seconds_whatever_its_result_says"
        ),
        "a number may be a sip address": f"{CALLS}.test_mango:test_a_caller_known_by_a_sip_name_only_is_no_number",
        "directions 0, 1, 2": f"{CALLS}.test_mango:test_an_internal_call_belongs_to_who_rang",
        "numbers are text in states": f"{CALLS}.test_mango:test_states_of_a_call_are_text_and_end_nothing",
        "the printed samples are no JSON": f"{CALLS}.test_mango:test_the_summary_as_the_manual_prints_it_is_not_json",
    },
    "uis": {
        "unknown variables": f"{CALLS}.test_uis:test_unknown_variables_are_null_blank_or_unreplaced",
        "after a transfer the last one talked": (
            f"{CALLS}.test_uis:test_after_a_transfer_the_call_belongs_to_whoever_talked_last"
        ),
        "a local time of the cabinet": f"{CALLS}.test_uis:test_local_times_are_those_of_the_cabinet",
        "GET or POST, as was typed": f"{CALLS}.test_uis:test_by_get_the_query_says_it_and_the_token_may_change",
    },
    "zadarma": {
        "the recording comes later": f"{CALLS}.test_zadarma:test_a_recording_that_comes_later_is_no_second_call",
        "many outcomes, one of them talk": f"{HERE}:test_zadarma_has_many_outcomes_and_one_of_them_is_talk",
        "length and outcome are not signed": (
            f"{CALLS}.test_zadarma:test_length_and_outcome_are_not_signed_so_it_is_trusted_as_a_token_is"
        ),
        "the address is checked by an echo": f"{CALLS}.test_zadarma:test_the_address_is_checked_by_an_echo",
    },
    "asterisk": {
        "several records are one call": (
            f"{CALLS}.test_asterisk_calls:test_an_attended_transfer_is_one_call_of_whom_it_was_handed_to"
        ),
        "duration includes ringing": f"{CALLS}.test_asterisk_calls:test_an_answered_call_counts_billsec_not_duration",
        "columns are off by default": (
            f"{CALLS}.test_asterisk_files:test_master_csv_has_no_header_and_optional_columns"
        ),
        "the manager interface has no linkedid": (
            f"{CALLS}.test_asterisk_files:test_events_of_the_manager_interface_have_other_names_and_no_linkedid"
        ),
        "a transfer's billsec does not add up": (
            f"{CALLS}.test_asterisk_calls:test_seconds_of_a_transfer_are_end_minus_answer_for_billsec_does_not_add_up"
        ),
        "times are the server's": f"{CALLS}.test_asterisk_calls:test_local_times_are_those_of_the_server",
    },
    "twilio": {
        "Duration is billed minutes": (
            f"{CALLS}.test_twilio:test_call_duration_is_seconds_and_duration_is_billed_minutes"
        ),
        "new parameters are signed": f"{CALLS}.test_twilio:test_a_new_parameter_is_signed_too",
        "a JSON body is signed by its hash": (
            f"{CALLS}.test_twilio:test_a_json_body_is_signed_by_its_hash_in_the_address"
        ),
    },
    "aircall": {
        "duration includes ringing": (
            f"{CALLS}.test_aircall:test_talk_is_from_answer_to_end_not_the_duration_with_its_ringing"
        ),
        "a missed call was answered never": f"{CALLS}.test_aircall:test_a_missed_call_has_no_answer_and_no_seconds",
        "at least once": f"{CALLS}.test_aircall:test_the_end_said_twice_at_other_times_is_one_delivery",
        "addresses of media expire": f"{HERE}:test_aircall_media_that_expire_are_not_kept",
    },
    "yookassa": {
        "test, two stages, floats and pending": (
            "payments.test_payment_notices:test_gotcha_yookassa_test_waiting_float_and_pending"
        ),
        "several refunds in part": "payments.test_fetch_back:test_several_refunds_in_part_of_one_yookassa_payment",
        "nothing is signed": "payments.test_fetch_back:test_what_the_api_says_counts_not_the_notification",
    },
    "cloudpayments": {
        "escapes in lower case": (
            "payments.test_payment_signatures:test_gotcha_cloudpayments_has_two_headers_over_two_forms_of_the_body"
        ),
        "check comes before": (
            "payments.test_payment_notices:test_gotcha_cloudpayments_check_comes_before_the_payment_and_never_counts"
        ),
        "TestMode": "payments.test_payment_notices:test_gotcha_cloudpayments_test_mode_never_earns",
        "Data is JSON in a string": "payments.test_payment_notices:test_gotcha_cloudpayments_data_is_json_in_a_string",
        "the address says the type": (
            "payments.test_payments_through_the_bus:test_a_check_is_no_payment_and_a_pay_is_one"
        ),
        "PaymentAmount is after conversion": (
            "payments.test_payment_notices:"
            "test_gotcha_cloudpayments_sum_is_in_the_currency_of_the_order_not_as_converted"
        ),
    },
    "tbank": {
        "only CONFIRMED counts, RECEIPT comes too": "payments.test_payment_notices:test_tbank_only_confirmed_counts",
        "a linked card comes to the same address": f"{HERE}:test_tbank_a_linked_card_comes_to_the_same_address",
        "numbers or text, DEMO": (
            "payments.test_payment_notices:test_gotcha_tbank_ids_are_numbers_or_strings_and_demo_terminals_are_tests"
        ),
        "two equal refunds collide": "payments.test_fetch_back:test_two_equal_partial_refunds_of_tbank_stay_two",
        "nested fields are not signed": (
            "payments.test_payment_signatures:test_gotcha_tbank_leaves_nested_fields_out_of_the_token"
        ),
    },
    "robokassa": {
        "the sum is signed as received": (
            "payments.test_payment_signatures:test_gotcha_robokassa_signs_the_sum_as_received_by_the_shops_hash"
        ),
        "success pages prove nothing": f"{HERE}:test_robokassa_the_success_page_proves_nothing",
    },
    "stripe": {
        "refunded is a running total": (
            "payments.test_payments_through_the_bus:test_cumulative_refunds_never_double_in_any_order"
        ),
        "livemode": "payments.test_payment_notices:test_gotcha_stripe_livemode_false_never_earns",
        "smallest units": "payments.test_payment_notices:test_gotcha_stripe_smallest_units_depend_on_the_currency",
        "several events of one payment": (
            "payments.test_payments_through_the_bus:"
            "test_a_payment_told_by_several_events_counts_once_under_whichever_names_the_lead"
        ),
    },
    "onec_bank": {
        "encodings, also against the declared one": "payments.test_bank_statements:test_encodings_and_line_endings",
        "mixed endings and footers": (
            "payments.test_bank_statements:test_gotcha_mixed_endings_missing_footer_and_a_footer_in_another_encoding"
        ),
        "the own account decides": "payments.test_bank_statements:test_gotcha_own_account_decides_the_direction",
        "balances add up": "payments.test_bank_statements:test_gotcha_balances_must_add_up_when_given",
        "no id": "payments.test_bank_statements:test_equal_lines_of_one_file_stay_two_and_the_same_in_every_export",
        "the purpose may hold an equals sign and names": "payments.test_bank_statements:test_numbers_in_the_purpose",
    },
    "standard": {
        "raw bytes are signed": "kinds.test_standard_vector:test_one_flipped_bit_is_refused",
    },
    "cloudevents": {
        "header values are percent-encoded": "kinds.test_cloudevents_kind:test_header_values_are_percent_encoded",
        "samples of the specification are no JSON": (
            "kinds.test_cloudevents_kind:test_placeholders_of_the_specification_are_no_json"
        ),
    },
    "mapped": {
        "local times and minor units": "kinds.test_mapped_kind:test_a_payment_in_minor_units_and_local_time",
    },
}
