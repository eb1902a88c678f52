"""Proofs: Merkle trees, signed notes and the offline verifier of evidence; needs no database and no project."""
