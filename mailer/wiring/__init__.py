"""Django's wiring: settings, addresses, the web server's entry."""
