-- What is common to all databases: the leads, the same in each of them.
-- An id is a UUIDv7 of the instant, so that indexes grow where they would grow in real life.
CREATE FUNCTION pg_temp.id_at(at timestamptz, label text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT overlay(overlay(overlay(md5(label)
        PLACING lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') FROM 1 FOR 12)
        PLACING '7' FROM 13 FOR 1) PLACING '8' FROM 17 FOR 1)::uuid
$$;

CREATE TEMP TABLE grown (
    label text, place int, month_no int, lead_id uuid, starts timestamptz, span interval, period text,
    sdr uuid, ae uuid, am uuid, meeting_id uuid, handoff_id uuid, deal_id uuid, kept_id uuid, contract text
);

CREATE TEMP TABLE people AS
SELECT role, no, md5('employee-' || role || no)::uuid AS employee_id
FROM (VALUES ('sdr', 1), ('ae', 2), ('am', 2)) AS roles (role, share),
    generate_series(1, (SELECT people FROM wanted) / share) AS no;

-- A month of the past lasts 27 days, the running one until now.
INSERT INTO grown
SELECT label, place, month_no, pg_temp.id_at(starts + span * (0.3 * place / 100.0), 'lead' || label), starts, span,
    to_char(starts AT TIME ZONE 'Europe/Moscow', 'YYYY-MM'), sdr.employee_id, ae.employee_id, am.employee_id,
    pg_temp.id_at(starts + span * 0.4, 'meeting' || label), pg_temp.id_at(starts + span * 0.4, 'handoff' || label),
    pg_temp.id_at(starts + span * 0.45, 'deal' || label), pg_temp.id_at(starts + span * 0.55, 'kept' || label),
    'K-' || label
FROM (
    SELECT person, month_no, place, person || '-' || month_no || '-' || place AS label, starts,
        least(starts + interval '27 days', now()) - starts AS span
    FROM wanted, generate_series(1, wanted.people) AS person, generate_series(0, wanted.months - 1) AS month_no,
        generate_series(1, 100) AS place,
        LATERAL (SELECT (date_trunc('month', now() AT TIME ZONE 'Europe/Moscow') - make_interval(months => month_no))
            AT TIME ZONE 'Europe/Moscow' AS starts) AS begins
) AS placed
JOIN people AS sdr ON sdr.role = 'sdr' AND sdr.no = person
JOIN people AS ae ON ae.role = 'ae' AND ae.no = (person + 1) / 2
JOIN people AS am ON am.role = 'am' AND am.no = (person + 1) / 2;
ANALYZE grown;

-- Two payments of each client: in the month of the contract and in the month after it.
CREATE TEMP TABLE paid AS
SELECT grown.*, turn, 'P-' || label || '-' || turn AS payment_id, 1000000 + 10 * place AS amount_minor,
    starts + make_interval(months => turn) + span * 0.7 AS paid_at
FROM grown, generate_series(0, 1) AS turn
WHERE place > 94 AND starts + make_interval(months => turn) + span * 0.7 <= now();
