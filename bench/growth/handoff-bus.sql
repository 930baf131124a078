CREATE TEMP TABLE said AS
SELECT lead_id, starts + span * share AS at, service, type, employee_id, label || type AS event
FROM grown, LATERAL (VALUES
    (0, 0.3 * place / 100.0, 'telemarketing', 'lead_recorded', sdr),
    (50, 0.31, 'telemarketing', 'touch_recorded', sdr), (50, 0.35, 'handoff-bus', 'call_recorded', sdr),
    (84, 0.4, 'telemarketing', 'meeting_booked', sdr), (84, 0.41, 'telemarketing', 'handoff_offered', sdr),
    (84, 0.42, 'closing', 'handoff_routed', ae), (90, 0.43, 'closing', 'handoff_accepted', ae),
    (90, 0.45, 'closing', 'deal_opened', ae), (90, 0.46, 'closing', 'meeting_held', ae),
    (94, 0.5, 'closing', 'contract_signed', ae), (94, 0.55, 'closing', 'handoff_offered ', ae),
    (94, 0.58, 'account', 'handoff_accepted ', am), (94, 0.6, 'account', 'client_opened', am)
) AS facts (above, share, service, type, employee_id)
WHERE place > above
UNION ALL SELECT lead_id, paid_at, 'handoff-bus', 'payment_received', NULL, payment_id FROM paid;

INSERT INTO journey_steps (event_id, lead_id, occurred_at, recorded_at, service, type, actor, employee_id, summary)
SELECT pg_temp.id_at(at, event), lead_id, at, at, service, trim(type), 'employee:' || coalesce(employee_id::text, ''),
    employee_id, 'what was said of it' FROM said;

INSERT INTO watched_handoffs (handoff_id, lead_id, state, from_stage, to_stage, offered_by, offered_at, employee_id,
    answered_at, reason, deal_id)
SELECT handoff_id, lead_id,
    CASE WHEN place <= 88 THEN 'returned' WHEN place <= 90 AND month_no <= 1 THEN 'offered' ELSE 'accepted' END,
    'telemarketing', 'closing', sdr, starts + span * 0.4, ae,
    CASE WHEN place <= 88 OR place > 90 OR month_no > 1 THEN starts + span * 0.43 END,
    CASE WHEN place <= 88 THEN 'no_need' END, deal_id
FROM grown WHERE place > 84
UNION ALL SELECT kept_id, lead_id, 'accepted', 'closing', 'account', ae, starts + span * 0.55, am,
    starts + span * 0.58, NULL, deal_id
FROM grown WHERE place > 94;
