"""Products: the catalogue, and the one owner of the stock. It tells orders of each change."""
