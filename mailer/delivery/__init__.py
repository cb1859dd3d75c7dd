"""Send: the ledger, message bytes, SMTP, recovery."""
