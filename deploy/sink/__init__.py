"""A development receiver: an SMTP server and an SMS gateway that keep what they get, misbehave on command, and report back."""
