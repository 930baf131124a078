"""Asterisk and FreePBX: call detail records, uploaded as a file or pushed."""
