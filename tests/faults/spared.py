"""Call sites that ingestion can import and does not reach here, each with its reason."""

PAGES = "a page's: a person reads"
COMMAND = "an operator's command (infra.admin)"
SIGNED_IN = "a signed-in person's request; a machine has no session"
SERVER = "a sender's own FHIR server answers: tests/ehr/test_fhir_notifications"
PHONE = "a phone's own message: tests/privacy/test_replies"

SPARED = {
    "portal.audit.of_patient/Query": PAGES,
    "portal.credentials.issue/PutItem": COMMAND,
    "portal.credentials.revoke/DeleteItem": COMMAND,
    "portal.earlier_values._places/Query": PAGES,
    "portal.fhir_servers._token/GetParameter": SERVER,
    "portal.labels.correct/TransactWriteItems": "staff correct labels: tests/staff/test_labels",
    "portal.keys._keep/GetItem": "after a race for a first key: tests/portal/test_keys",
    "portal.consents._is_kept/TransactWriteItems": SIGNED_IN,
    "portal.consents.history/Query": PAGES,
    "portal.notify._by_end_user_messaging/SendTextMessage": (
        "the other door: tests/portal/test_notify"
    ),
    "portal.published.listed/Query": PAGES,
    "portal.push.tell/SendMessage": "e-mail and text do not wait for it: tests/push",
    "portal.quarantine.rows/Query": COMMAND,
    "portal.text_stops._was_heard/GetItem": PHONE,
    "portal.text_stops.is_first_help_today/PutItem": PHONE,
    "portal.text_stops.keep/TransactWriteItems": PHONE,
    **{
        f"portal.{site}": SIGNED_IN
        for site in (
            "grants.keep/TransactWriteItems",
            "grants.versions/Query",
            "offline.half/UpdateItem",
            "once._claimed/UpdateItem",
            "once._earlier/GetItem",
            "once._free/UpdateItem",
            "once._keep/UpdateItem",
            "outbox.deliver_soon/SendMessage",
            "outbox.tell_account/PutItem",
            "preferences._is_kept/TransactWriteItems",
            "preferences.versions/Query",
            "push_devices.drop/DeleteItem",
            "push_devices.drop/GetItem",
            "push_devices.find/GetItem",
            "push_devices.keep/PutItem",
            "reviews._written/TransactWriteItems",
            "reviews.ask/PutItem",
            "reviews.find/GetItem",
            "session_rows.touch/UpdateItem",
            "sessions.listed/GetItem",
            "sessions.live/GetItem",
            "sessions.open_with/TransactWriteItems",
            "sessions.rise/GetItem",
            "sessions.rise/TransactWriteItems",
            "sessions.end/GetItem",
            "sessions.end_one/GetItem",
            "sessions.end_one/TransactWriteItems",
            "user_accounts.of/GetItem",
            "user_accounts.drop_link/UpdateItem",
            "user_accounts.set_confidence/UpdateItem",
            "staff_people._change/UpdateItem",
            "staff_people.everyone/Query",
            "staff_people.of/GetItem",
            "staff_people.signed_in/UpdateItem",
            "staff_sessions.end/DeleteItem",
            "staff_sessions.live/GetItem",
            "staff_sessions.open_for/PutItem",
        )
    },
}
