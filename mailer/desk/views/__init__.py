"""The desk's pages: parse, one call, answer."""
