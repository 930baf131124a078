"""Mango Office: `vpbx_api_key`, `sign` and `json` in a form."""
