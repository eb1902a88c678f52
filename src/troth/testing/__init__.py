"""Testing: the public kit for those who test with Troth, real servers to throw away among it; nothing imports it."""
