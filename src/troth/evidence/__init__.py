"""Evidence: the append-only log of what was planned, approved and done, in numbers, hashes and pseudonyms only."""
