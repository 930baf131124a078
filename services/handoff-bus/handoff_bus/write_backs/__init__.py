"""Write-back: where a lead stands on the line, and whose it is, written into the CRM that knows it."""
