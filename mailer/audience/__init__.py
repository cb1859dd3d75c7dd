"""Who: newsletters as lists, subscribers, consent, places, suppression, letters."""
