"""Execution: the one room that drives stores. It measures what planning asks and carries out an approved plan."""
