"""The independent verifier: recomputes a month's statements from the stored explanations, over the public API.

It shares no code with what it checks: nothing of `conveyor` is imported, the arithmetic and the canonical JSON are
written here once more (tests/architecture/test_import_contracts.py holds this).
"""
