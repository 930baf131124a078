"""Bitrix24: outgoing webhooks and events of applications, proven by their application token."""
