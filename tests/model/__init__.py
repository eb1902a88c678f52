"""Random small worlds, a naive model of what must become of them, and what compares the two."""
