"""The steps by which a gate's attainment is explained."""

from fractions import Fraction

from conveyor.bonuses.engine.explanation import Derivation
from conveyor.bonuses.engine.gated_parts import Attainment


def derive_attainment(derivation: Derivation, attainment: Attainment, *, place: str, suffix: str) -> str:
    """From calls and norm of the input at `place` to what the gate lets through; returns the last step's name."""
    gate = attainment.gate
    norm, attained, reached = f"norm_{suffix}", f"attainment_{suffix}", f"reached_{suffix}"
    days = attainment.working_days
    text = f"norm of the month: {gate.norm_per_working_day} × {days} working days = {{result}}"
    full_norm = norm if attainment.quota_percent == 100 else f"full_{norm}"
    derivation.step(full_norm, "multiply", f"{place}.norm_per_working_day", f"{place}.working_days", text=text)
    if full_norm != norm:
        text = f"a newcomer is asked for {attainment.quota_percent} %: {{result}}"
        derivation.step(norm, "multiply", f"steps.{full_norm}", _percent(attainment.quota_percent), text=text)
    if not attainment.norm:
        text = "a month without working days has no norm: attainment {result}"
        derivation.step(attained, "add", str(attainment.share), text=text)
        return attained
    text = f"{attainment.successful} successful calls ÷ norm = {{result}}"
    derivation.step(reached, "divide", f"{place}.successful_calls", f"steps.{norm}", text=text)
    if gate.mode == "proportional":
        ceiling = _percent(gate.ceiling_percent)
        text = f"attainment, at most {ceiling}: {{result}}"
        derivation.step(attained, "minimum", f"steps.{reached}", ceiling, text=text)
    elif gate.mode == "off_below":
        missed = _percent(gate.opens_at_percent or 0)
        text = f"above the {gate.opens_at_percent} % at which the gate opens by {{result}}"
        derivation.step(f"over_{suffix}", "subtract", f"steps.{reached}", missed, text=text)
        derivation.step(attained, "add", str(attainment.share), text="the gate lets through {result}")
    else:
        text = f"the step reached lets through {{result}} (steps {_steps(attainment)})"
        derivation.step(attained, "add", str(attainment.share), text=text)
    return attained


def _percent(value: int) -> str:
    return str(Fraction(value, 100))


def _steps(attainment: Attainment) -> str:
    return ", ".join(f"from {step.from_percent} %: {step.pays_percent} %" for step in attainment.gate.steps)
