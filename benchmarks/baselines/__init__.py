"""What the suite is measured against."""
