"""The `mailer` command line: thin commands, one call each."""
