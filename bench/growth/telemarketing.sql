-- Of a hundred leads a month and telemarketer: fifty wait for anybody, thirty-four are worked on, sixteen were handed over.
INSERT INTO telemarketing_leads (lead_id, revision, company_name, inn, city, channel, mechanics, segment, state,
    registered_at, recorded_at, recorded_by, owner_id, worked_at, queue_rank, next_contact_at)
SELECT lead_id, 1, 'Company ' || label, lpad((abs(hashtext(label)))::text, 10, '0'), 'Tver', 'base',
    CASE WHEN place % 20 = 0 THEN 'warm' ELSE 'cold' END, 'retail',
    CASE WHEN place <= 50 THEN 'new' WHEN place <= 84 THEN 'in_work' WHEN place <= 88 THEN 'returned'
        WHEN place <= 90 AND month_no <= 1 THEN 'handed_over' WHEN place <= 92 AND month_no <= 1 THEN 'at_closing'
        WHEN place <= 94 THEN 'lost' ELSE 'client' END,
    starts + span * (0.3 * place / 100.0), starts + span * (0.3 * place / 100.0), sdr,
    CASE WHEN place > 50 THEN sdr END, CASE WHEN place > 50 THEN starts + span * 0.4 END,
    CASE WHEN place <= 50 AND place % 20 = 0 THEN 0 WHEN place % 10 = 1 THEN 1 ELSE 2 END,
    starts + span * 0.4 + CASE WHEN place > 50 THEN interval '20 hours' ELSE interval '0' END
FROM grown;

INSERT INTO telemarketing_contacts (contact_id, lead_id, position_no, name, position, phone, email)
SELECT pg_temp.id_at(starts, 'contact' || label), lead_id, 0, 'Pavel ' || label, 'director',
    '+7' || lpad((abs(hashtext('phone' || label)))::text, 10, '0'), 'pavel@' || label || '.example' FROM grown;

INSERT INTO telemarketing_lead_references (lead_id, system, match_key, value)
SELECT lead_id, system, value, value FROM grown, LATERAL (VALUES
    ('phone', '+7' || lpad((abs(hashtext('phone' || label)))::text, 10, '0')), ('email', 'pavel@' || label || '.example')
) AS named (system, value);

INSERT INTO telemarketing_lead_assignments (assignment_id, lead_id, employee_id, from_at)
SELECT pg_temp.id_at(starts + span * 0.3, 'assigned' || label), lead_id, sdr, starts + span * 0.3
FROM grown WHERE place > 50;
INSERT INTO telemarketing_lead_ownerships (lead_id, from_at, employee_id)
SELECT lead_id, starts + span * 0.3, sdr FROM grown WHERE place > 50;

INSERT INTO telemarketing_touches (touch_id, lead_id, employee_id, kind, note, occurred_at, recorded_at)
SELECT pg_temp.id_at(starts + span * share, kind || label), lead_id, sdr, kind, 'a note', starts + span * share,
    starts + span * share
FROM grown, LATERAL (VALUES ('letter_general', 0.31), ('need_identified', 0.4)) AS done (kind, share)
WHERE place > 50;
INSERT INTO telemarketing_calls (source, call_id, lead_id, employee_id, direction, started_at, duration_seconds,
    delivery_id)
SELECT 'pbx', 'C-' || label, lead_id, sdr, 'outgoing', starts + span * 0.35, 30 + place, pg_temp.id_at(starts, label)
FROM grown WHERE place > 50;

INSERT INTO telemarketing_meetings (meeting_id, lead_id, handoff_id, employee_id, starts_at, introduction_wanted,
    occurred_at, recorded_at)
SELECT meeting_id, lead_id, handoff_id, sdr, starts + span * 0.45, false, starts + span * 0.4, starts + span * 0.4
FROM grown WHERE place > 84;
INSERT INTO telemarketing_handoffs (handoff_id, lead_id, meeting_id, to_stage, offered_by, offered_at, recorded_at,
    state)
SELECT handoff_id, lead_id, meeting_id, 'closing', sdr, starts + span * 0.4, starts + span * 0.4,
    CASE WHEN place <= 88 THEN 'returned' WHEN place <= 90 AND month_no <= 1 THEN 'offered' ELSE 'accepted' END
FROM grown WHERE place > 84;
INSERT INTO telemarketing_milestones (event_id, lead_id, kind, occurred_at, employee_id, deal_id)
SELECT pg_temp.id_at(starts + span * 0.6, 'milestone' || label), lead_id, CASE WHEN place > 94 THEN 'client' ELSE 'lost' END,
    starts + span * 0.6, ae, deal_id
FROM grown WHERE place > 94 OR place > 88 AND month_no > 1;
INSERT INTO telemarketing_payments (source, payment_id, lead_id, paid_at, amount_minor, currency)
SELECT 'bank', payment_id, lead_id, paid_at, amount_minor, 'RUB' FROM paid;
