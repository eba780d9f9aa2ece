"""Users: who may order. Its commands make users; it tells orders of each."""
