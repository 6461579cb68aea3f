"""Ban entries: from a dropout to a proposal, a reply, a decision (L02-L14). Pure; time is an argument."""
