"""Stores: one contract, one package per kind of store; kinds do not know each other."""
