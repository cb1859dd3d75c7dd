"""An edition or a letter becomes e-mail-safe HTML and text."""
