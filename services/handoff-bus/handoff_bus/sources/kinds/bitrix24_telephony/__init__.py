"""Bitrix24 telephony: the end of a call, on the portal's own or an outside exchange."""
