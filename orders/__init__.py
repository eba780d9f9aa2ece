"""Orders: takes orders, with copies of users and products that it keeps by messages."""
