-- What a receiving stage was offered. `arrived` names the handoffs of this stage and what became of them.
INSERT INTO received_handoffs (handoff_id, lead_id, from_stage, to_stage, offered_by, offered_at, payload, state,
    routed_to, routed_because, answered_by, answered_at, return_reason, deal_id, revision, recorded_at)
SELECT handoff_id, lead_id, from_stage, to_stage, offered_by, offered_at, jsonb_build_object('handoff_id', handoff_id,
        'lead_id', lead_id, 'from_stage', from_stage, 'to_stage', to_stage, 'offered_by', offered_by,
        'company', jsonb_build_object('name', 'Company ' || label, 'city', 'Tver'),
        'contacts', jsonb_build_array(jsonb_build_object('contact_id', pg_temp.id_at(starts, 'contact' || label),
            'name', 'Pavel ' || label, 'phone', '+74822000000')),
        'needs', 'a store of its own', 'touches', jsonb_build_array(jsonb_build_object('kind', 'need_identified',
            'occurred_at', to_char(starts + span * 0.4, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'employee_id', sdr))),
    state, receiver, 'offered', CASE WHEN state <> 'offered' THEN receiver END,
    CASE WHEN state <> 'offered' THEN offered_at END, CASE WHEN state = 'returned' THEN 'no_need' END, deal_id, 1,
    offered_at
FROM arrived;

INSERT INTO owner_changes (thing_id, revision, lead_id, employee_id, from_at, recorded_at)
SELECT thing_id, 1, lead_id, receiver, offered_at, offered_at FROM arrived WHERE state = 'accepted';
INSERT INTO owner_intervals (thing_id, employee_id, from_at)
SELECT thing_id, receiver, offered_at FROM arrived WHERE state = 'accepted';
