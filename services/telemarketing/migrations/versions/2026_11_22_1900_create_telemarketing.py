"""Create the tables of the telemarketing stage."""

import sqlalchemy as sa
from alembic import op

revision = "telemarketing_0001"
down_revision = None
branch_labels = ("telemarketing",)
depends_on = None

_LEADS = """
CREATE TABLE telemarketing_inquiries (
    delivery_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    channel text NOT NULL,
    campaign text,
    mechanics text NOT NULL,
    CONSTRAINT pk_telemarketing_inquiries PRIMARY KEY (delivery_id)
);
CREATE INDEX ix_telemarketing_inquiries_lead_id ON telemarketing_inquiries (lead_id);

CREATE TABLE telemarketing_lead_references (
    lead_id uuid NOT NULL,
    system text NOT NULL,
    match_key text NOT NULL,
    value text NOT NULL,
    CONSTRAINT pk_telemarketing_lead_references PRIMARY KEY (lead_id, system, match_key)
);
CREATE UNIQUE INDEX uq_telemarketing_lead_references_one_lead ON telemarketing_lead_references (system, match_key)
    WHERE system NOT IN ('phone', 'email');

CREATE TABLE telemarketing_leads (
    lead_id uuid NOT NULL,
    revision integer NOT NULL,
    company_name text NOT NULL,
    inn text,
    website text,
    city text,
    channel text NOT NULL,
    campaign text,
    mechanics text NOT NULL,
    segment text,
    state text NOT NULL,
    registered_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid,
    described_at timestamptz,
    owner_id uuid,
    owner_until timestamptz,
    worked_at timestamptz,
    queue_rank smallint NOT NULL,
    next_contact_at timestamptz NOT NULL,
    leased_to uuid,
    leased_until timestamptz,
    CONSTRAINT pk_telemarketing_leads PRIMARY KEY (lead_id),
    CONSTRAINT ck_telemarketing_leads_mechanics_known CHECK (mechanics IN ('cold', 'warm'))
);
CREATE INDEX ix_telemarketing_leads_owner ON telemarketing_leads (owner_id, lead_id);
CREATE INDEX ix_telemarketing_leads_owner_until ON telemarketing_leads (owner_until)
    WHERE owner_until IS NOT NULL;
CREATE INDEX ix_telemarketing_leads_queue ON telemarketing_leads (owner_id, queue_rank, next_contact_at, lead_id)
    WHERE state IN ('new', 'in_work', 'returned');
CREATE INDEX ix_telemarketing_leads_state ON telemarketing_leads (state, lead_id);

CREATE TABLE telemarketing_contacts (
    contact_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    position_no integer NOT NULL,
    name text NOT NULL,
    position text,
    phone text,
    email text,
    role text,
    influence text,
    CONSTRAINT pk_telemarketing_contacts PRIMARY KEY (contact_id),
    CONSTRAINT fk_telemarketing_contacts_lead_id FOREIGN KEY(lead_id) REFERENCES telemarketing_leads (lead_id)
);
CREATE INDEX ix_telemarketing_contacts_lead_id ON telemarketing_contacts (lead_id);

CREATE TABLE telemarketing_lead_assignments (
    assignment_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    employee_id uuid,
    from_at timestamptz NOT NULL,
    CONSTRAINT pk_telemarketing_lead_assignments PRIMARY KEY (assignment_id),
    CONSTRAINT fk_telemarketing_lead_assignments_lead_id FOREIGN KEY(lead_id) REFERENCES telemarketing_leads (lead_id)
);
CREATE INDEX ix_telemarketing_lead_assignments_employee_id ON telemarketing_lead_assignments (employee_id);
CREATE INDEX ix_telemarketing_lead_assignments_lead_id ON telemarketing_lead_assignments (lead_id);

CREATE TABLE telemarketing_lead_ownerships (
    lead_id uuid NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz,
    employee_id uuid NOT NULL,
    CONSTRAINT pk_telemarketing_lead_ownerships PRIMARY KEY (lead_id, from_at),
    CONSTRAINT fk_telemarketing_lead_ownerships_lead_id FOREIGN KEY(lead_id) REFERENCES telemarketing_leads (lead_id)
);
"""

_WORK = """
CREATE TABLE telemarketing_call_scripts (
    segment text NOT NULL,
    body text NOT NULL,
    CONSTRAINT pk_telemarketing_call_scripts PRIMARY KEY (segment)
);

CREATE TABLE telemarketing_calls (
    source text NOT NULL,
    call_id text NOT NULL,
    lead_id uuid,
    employee_id uuid NOT NULL,
    direction text NOT NULL,
    started_at timestamptz NOT NULL,
    duration_seconds integer NOT NULL,
    recording_url text,
    delivery_id uuid NOT NULL,
    CONSTRAINT pk_telemarketing_calls PRIMARY KEY (source, call_id)
);
CREATE INDEX ix_telemarketing_calls_lead_id ON telemarketing_calls (lead_id, started_at);

CREATE TABLE telemarketing_replies (
    source text NOT NULL,
    reply_id text NOT NULL,
    lead_id uuid NOT NULL,
    employee_id uuid,
    kind text NOT NULL,
    body text,
    received_at timestamptz NOT NULL,
    delivery_id uuid NOT NULL,
    CONSTRAINT pk_telemarketing_replies PRIMARY KEY (source, reply_id)
);
CREATE INDEX ix_telemarketing_replies_lead_id ON telemarketing_replies (lead_id, received_at);

CREATE TABLE telemarketing_touches (
    touch_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    kind text NOT NULL,
    note text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_telemarketing_touches PRIMARY KEY (touch_id),
    CONSTRAINT ck_telemarketing_touches_kind_known CHECK
        (kind IN ('letter_general', 'gatekeeper_passed', 'need_identified', 'letter_decision_maker')),
    CONSTRAINT fk_telemarketing_touches_lead_id FOREIGN KEY(lead_id) REFERENCES telemarketing_leads (lead_id)
);
CREATE INDEX ix_telemarketing_touches_lead_id ON telemarketing_touches (lead_id, occurred_at);
"""

_HANDOVER = """
CREATE TABLE telemarketing_handoff_answers (
    handoff_id uuid NOT NULL,
    kind text NOT NULL,
    lead_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    employee_id uuid,
    deal_id uuid,
    reason text,
    note text,
    CONSTRAINT pk_telemarketing_handoff_answers PRIMARY KEY (handoff_id, kind)
);
CREATE INDEX ix_telemarketing_handoff_answers_lead_id ON telemarketing_handoff_answers (lead_id);

CREATE TABLE telemarketing_meeting_outcomes (
    meeting_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    outcome text NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT pk_telemarketing_meeting_outcomes PRIMARY KEY (meeting_id)
);
CREATE INDEX ix_telemarketing_meeting_outcomes_lead_id ON telemarketing_meeting_outcomes (lead_id);

CREATE TABLE telemarketing_milestones (
    event_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    employee_id uuid NOT NULL,
    deal_id uuid,
    reason text,
    note text,
    CONSTRAINT pk_telemarketing_milestones PRIMARY KEY (event_id)
);
CREATE INDEX ix_telemarketing_milestones_lead_id ON telemarketing_milestones (lead_id);

CREATE TABLE telemarketing_payments (
    source text NOT NULL,
    payment_id text NOT NULL,
    lead_id uuid NOT NULL,
    paid_at timestamptz NOT NULL,
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL,
    CONSTRAINT pk_telemarketing_payments PRIMARY KEY (source, payment_id)
);
CREATE INDEX ix_telemarketing_payments_lead_id ON telemarketing_payments (lead_id, paid_at);

CREATE TABLE telemarketing_refunds (
    source text NOT NULL,
    refund_id text NOT NULL,
    payment_id text NOT NULL,
    lead_id uuid NOT NULL,
    refunded_at timestamptz NOT NULL,
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL,
    CONSTRAINT pk_telemarketing_refunds PRIMARY KEY (source, refund_id)
);
CREATE INDEX ix_telemarketing_refunds_lead_id ON telemarketing_refunds (lead_id, refunded_at);

CREATE TABLE telemarketing_meetings (
    meeting_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    handoff_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    contact_id uuid,
    starts_at timestamptz NOT NULL,
    place text,
    introduction_wanted boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancellation_reason text,
    CONSTRAINT pk_telemarketing_meetings PRIMARY KEY (meeting_id),
    CONSTRAINT fk_telemarketing_meetings_lead_id FOREIGN KEY(lead_id) REFERENCES telemarketing_leads (lead_id),
    CONSTRAINT uq_telemarketing_meetings_handoff_id UNIQUE (handoff_id)
);
CREATE INDEX ix_telemarketing_meetings_employee_id ON telemarketing_meetings (employee_id, meeting_id);
CREATE INDEX ix_telemarketing_meetings_lead_id ON telemarketing_meetings (lead_id);

CREATE TABLE telemarketing_handoffs (
    handoff_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    meeting_id uuid NOT NULL,
    to_stage text NOT NULL,
    offered_by uuid NOT NULL,
    offered_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    state text NOT NULL,
    CONSTRAINT pk_telemarketing_handoffs PRIMARY KEY (handoff_id),
    CONSTRAINT fk_telemarketing_handoffs_lead_id FOREIGN KEY(lead_id) REFERENCES telemarketing_leads (lead_id),
    CONSTRAINT fk_telemarketing_handoffs_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES telemarketing_meetings (meeting_id)
);
CREATE INDEX ix_telemarketing_handoffs_lead_id ON telemarketing_handoffs (lead_id);
CREATE INDEX ix_telemarketing_handoffs_state ON telemarketing_handoffs (state, handoff_id);
CREATE UNIQUE INDEX uq_telemarketing_handoffs_one_open ON telemarketing_handoffs (lead_id, to_stage)
    WHERE state = 'offered';
"""

_DEFAULT_SCRIPT = """Добрый день! Меня зовут …, компания «…».
С кем можно поговорить о том, как у вас устроены продажи?
1. Назвать повод: письмо на общий ящик, отправленное накануне.
2. Узнать, кто принимает решение, и попросить соединить.
3. Найти потребность: что мешает расти, что уже пробовали, что будет, если ничего не менять.
4. Предложить встречу: два времени на выбор, место, кто придёт с их стороны.
5. Записать договорённость и поблагодарить."""

_TABLES = (
    "telemarketing_handoffs",
    "telemarketing_touches",
    "telemarketing_meetings",
    "telemarketing_lead_ownerships",
    "telemarketing_lead_assignments",
    "telemarketing_contacts",
    "telemarketing_replies",
    "telemarketing_refunds",
    "telemarketing_payments",
    "telemarketing_milestones",
    "telemarketing_meeting_outcomes",
    "telemarketing_leads",
    "telemarketing_lead_references",
    "telemarketing_inquiries",
    "telemarketing_handoff_answers",
    "telemarketing_calls",
    "telemarketing_call_scripts",
)


def upgrade() -> None:
    """Leads, the work on them, what becomes of them; the script of all segments without their own."""
    for statements in (_LEADS, _WORK, _HANDOVER):
        for statement in filter(str.strip, statements.split(";")):
            op.execute(statement)
    scripts = sa.table("telemarketing_call_scripts", sa.column("segment", sa.Text), sa.column("body", sa.Text))
    op.bulk_insert(scripts, [{"segment": "", "body": _DEFAULT_SCRIPT}])


def downgrade() -> None:
    """Drop them, those that others point at last."""
    for table in _TABLES:
        op.drop_table(table)
