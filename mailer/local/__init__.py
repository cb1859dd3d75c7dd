"""Everything on one machine: servers from wheels, an inbox, a demo newsroom."""
