"""The web pages: rendered on the server, without scripts, in German."""
