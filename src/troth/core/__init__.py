"""Core: the small things every room stands on — errors, diagnostics, canonical JSON, clock, ids, calendar periods."""
