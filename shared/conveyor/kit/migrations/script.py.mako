"""${message[0].upper() + message[1:]}."""

from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Say here what becomes different and why it is safe while the old version runs."""
    ${upgrades if upgrades else "op.execute(\"SELECT 1\")"}


def downgrade() -> None:
    """Say here what is lost on the way back."""
    ${downgrades if downgrades else "op.execute(\"SELECT 1\")"}
