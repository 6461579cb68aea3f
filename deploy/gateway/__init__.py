"""The one origin: front page, development login, proxy to the four services and the sink."""
