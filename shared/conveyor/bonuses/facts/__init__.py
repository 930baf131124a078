"""The stage's own copy of the facts that bonuses are computed from. Insert only; the order of arrival never matters."""
