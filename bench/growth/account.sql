CREATE TEMP TABLE arrived AS
SELECT label, starts, span, sdr, kept_id AS handoff_id, lead_id, 'closing' AS from_stage, 'account' AS to_stage,
    ae AS offered_by, starts + span * 0.55 AS offered_at, am AS receiver, lead_id AS thing_id, 'accepted' AS state,
    deal_id
FROM grown WHERE place > 94;

INSERT INTO clients (lead_id, handoff_id, company_name, opened_at, revision, recorded_at)
SELECT lead_id, kept_id, 'Company ' || label, starts + span * 0.6, 1, starts + span * 0.6 FROM grown WHERE place > 94;
INSERT INTO client_contracts (number, lead_id, deal_id, signed_at, amount_minor, currency)
SELECT contract, lead_id, deal_id, starts + span * 0.5, 2000000, 'RUB' FROM grown WHERE place > 94;
INSERT INTO client_payments (source, payment_id, lead_id, paid_at, amount_minor, currency, reference_system,
    reference_value)
SELECT 'bank', payment_id, lead_id, paid_at, amount_minor, 'RUB', 'contract', contract FROM paid;
