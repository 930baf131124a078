CREATE TEMP TABLE arrived AS
SELECT label, starts, span, sdr, handoff_id, lead_id, 'telemarketing' AS from_stage, 'closing' AS to_stage,
    sdr AS offered_by, starts + span * 0.4 AS offered_at, ae AS receiver, deal_id AS thing_id,
    CASE WHEN place <= 88 THEN 'returned' WHEN place <= 90 AND month_no <= 1 THEN 'offered' ELSE 'accepted' END AS state,
    CASE WHEN place > 90 OR place > 88 AND month_no > 1 THEN deal_id END AS deal_id
FROM grown WHERE place > 84;

INSERT INTO deals (deal_id, lead_id, handoff_id, company_name, state, opened_at, closed_at, loss_reason, revision,
    recorded_at)
SELECT deal_id, lead_id, handoff_id, 'Company ' || label,
    CASE WHEN place > 94 THEN 'won' WHEN place <= 92 AND month_no <= 1 THEN 'open' ELSE 'lost' END,
    starts + span * 0.45, CASE WHEN place > 92 OR month_no > 1 THEN starts + span * 0.6 END,
    CASE WHEN place <= 94 AND (place > 92 OR month_no > 1) THEN 'no_budget' END, 1, starts + span * 0.45
FROM grown WHERE place > 90 OR place > 88 AND month_no > 1;
INSERT INTO deal_meetings (meeting_id, deal_id, state, starts_at, booked_by, booked_at)
SELECT meeting_id, deal_id, 'held', starts + span * 0.45, sdr, starts + span * 0.4
FROM grown WHERE place > 90 OR place > 88 AND month_no > 1;
INSERT INTO deal_contracts (contract_id, deal_id, number, signed_at, amount_minor, currency, signed_by, recorded_at)
SELECT pg_temp.id_at(starts + span * 0.5, contract), deal_id, contract, starts + span * 0.5, 2000000, 'RUB', ae,
    starts + span * 0.5
FROM grown WHERE place > 94;
INSERT INTO deal_references (system, value, deal_id, contract_id)
SELECT 'contract', contract, deal_id, pg_temp.id_at(starts + span * 0.5, contract) FROM grown WHERE place > 94;
INSERT INTO account_offers (handoff_id, lead_id, deal_id, contract_number, state, offered_at, answered_at)
SELECT kept_id, lead_id, deal_id, contract, 'accepted', starts + span * 0.55, starts + span * 0.6
FROM grown WHERE place > 94;
INSERT INTO deal_payments (source, payment_id, lead_id, paid_at, amount_minor, currency, reference_system,
    reference_value)
SELECT 'bank', payment_id, lead_id, paid_at, amount_minor, 'RUB', 'contract', contract FROM paid;
