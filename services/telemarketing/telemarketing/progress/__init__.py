"""How it went on after the handoff: deal lost, client opened."""
