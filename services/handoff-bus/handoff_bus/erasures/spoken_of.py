"""Which deliveries are about a lead."""

OF_THE_LEAD = """
    deliveries.lead_id = :lead_id
    OR deliveries.delivery_id IN (
        SELECT CAST(CAST(body AS jsonb) #>> '{data,delivery_id}' AS uuid) FROM outbox_log
        WHERE key = CAST(:lead_id AS text) AND body IS NOT NULL
    )
    OR deliveries.delivery_id IN (
        SELECT waits.delivery_id FROM delivery_waits AS waits JOIN correlated_references AS named
            ON waits.thing = 'lead:' || named.system || ':' || named.value
        WHERE named.lead_id = :lead_id
    )
    OR deliveries.lead_id IS NULL AND deliveries.facts = '[]' AND deliveries.state NOT IN ('received', 'parked')
        AND deliveries.names && ARRAY(
            SELECT named.system || ':' || named.value FROM correlated_references AS named
            WHERE named.lead_id = :lead_id
        )
"""
"""By its facts (a statement speaks of many), by itself, still waiting for one of its names, or settled without a fact.

The last is what repeats another delivery, contradicts it or was set aside.
"""
