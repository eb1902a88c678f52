"""What a database seems to hold, guessed from names, types, links and a sample: drafts, and a first look. Pure."""
