-- The copy of the facts, the same in each stage, and the journal of its role.
INSERT INTO bonus_leads (lead_id, precedence, version, name) SELECT lead_id, 1, 1, 'Company ' || label FROM grown;

INSERT INTO bonus_facts (kind, identity, lead_id, employee_id, occurred_at, event_id, body)
SELECT fact, label || what, lead_id, employee_id, starts + span * share, pg_temp.id_at(starts + span * share, label || what),
    body
FROM grown, LATERAL (VALUES
    (50, 'touch_recorded', 'letter_general', 0.31, sdr, jsonb_build_object('kind', 'letter_general', 'employee_id', sdr)),
    (50, 'touch_recorded', 'need_identified', 0.4, sdr, jsonb_build_object('kind', 'need_identified', 'employee_id', sdr)),
    (84, 'meeting_booked', '', 0.4, sdr, jsonb_build_object('employee_id', sdr, 'meeting_id', meeting_id,
        'handoff_id', handoff_id, 'starts_at', to_char(starts + span * 0.45, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))),
    (90, 'handoff_accepted', 'closing', 0.43, ae, jsonb_build_object('handoff_id', handoff_id,
        'from_stage', 'telemarketing', 'to_stage', 'closing', 'employee_id', ae, 'deal_id', deal_id)),
    (90, 'deal_opened', '', 0.45, ae, jsonb_build_object('deal_id', deal_id, 'handoff_id', handoff_id)),
    (94, 'contract_signed', '', 0.5, ae, jsonb_build_object('deal_id', deal_id, 'number', contract,
        'references', '[]'::jsonb)),
    (94, 'handoff_accepted', 'account', 0.58, am, jsonb_build_object('handoff_id', kept_id,
        'from_stage', 'closing', 'to_stage', 'account', 'employee_id', am))
) AS facts (above, fact, what, share, employee_id, body)
WHERE place > above
UNION ALL
SELECT 'handoff_returned', label, lead_id, ae, starts + span * 0.43, pg_temp.id_at(starts + span * 0.43, 'back' || label),
    jsonb_build_object('handoff_id', handoff_id, 'reason', 'no_need')
FROM grown WHERE place BETWEEN 85 AND 88
UNION ALL
SELECT 'payment_received', 'bank/' || payment_id, lead_id, NULL, paid_at, pg_temp.id_at(paid_at, payment_id),
    jsonb_build_object('source', 'bank', 'payment_id', payment_id, 'amount', jsonb_build_object('amount',
        to_char(amount_minor / 100.0, 'FM999999999.00'), 'currency', 'RUB'),
        'reference', jsonb_build_object('system', 'contract', 'value', contract))
FROM paid;

INSERT INTO bonus_calls (source, call_id, employee_id, lead_id, started_at, duration_seconds, event_id)
SELECT 'pbx', 'C-' || label, sdr, lead_id, starts + span * 0.35, 30 + place, pg_temp.id_at(starts + span * 0.35, 'call' || label)
FROM grown WHERE place > 50;

-- Who is paid for what: a telemarketer for meetings and first payments, the others for every payment.
INSERT INTO bonus_entries (journal_no, entry_id, chain_id, employee_id, role, component, plan_code, plan_version,
    cause, cause_id, lead_id, earned_on, period, kind, revision, amount_minor, currency, explanation, recorded_at,
    prev_hash, hash)
SELECT (SELECT coalesce(max(journal_no), 0) FROM bonus_entries) + row_number() OVER (ORDER BY at),
    pg_temp.id_at(at, component || cause_id), 'bonuses/' || role, employee_id, role, component, role || '-standard', 1,
    cause, cause_id, lead_id, at::date, to_char(at AT TIME ZONE 'Europe/Moscow', 'YYYY-MM'), 'accrual', 1, amount_minor,
    'RUB', jsonb_build_object('plan', role || '-standard', 'why', repeat('an input and a step ', 12)), at,
    repeat('0', 64), md5(cause_id) || md5(lead_id::text)
FROM (
    SELECT 'sdr' AS of_role, sdr AS employee_id, 'meeting_booked' AS component, 'meeting:' || meeting_id AS cause,
        'meeting-' || label AS cause_id, lead_id, starts + span * 0.43 AS at, 70000 AS amount_minor
    FROM grown WHERE place > 90
    UNION ALL SELECT 'sdr', sdr, 'client_paid', 'payment:bank:' || payment_id, payment_id, lead_id, paid_at, 30000
    FROM paid WHERE turn = 0
    UNION ALL SELECT 'ae', ae, CASE turn WHEN 0 THEN 'first_payment' ELSE 'second_payment' END,
        'payment:bank:' || payment_id, payment_id, lead_id, paid_at, 100000
    FROM paid
    UNION ALL SELECT 'am', am, 'new_client', 'payment:bank:' || payment_id, payment_id, lead_id, paid_at, 50000
    FROM paid
) AS lines, stage
WHERE of_role = stage.role;

-- Months are closed but the last three and whatever belongs to the quarter that ended last.
INSERT INTO bonus_closed_periods (period, closed_at, closed_by, statements, journal_no, chain_head)
SELECT DISTINCT ON (grown.period) grown.period, starts + interval '40 days', 'bench', 0, 0, repeat('0', 64)
FROM grown WHERE month_no >= 3 ON CONFLICT DO NOTHING;
