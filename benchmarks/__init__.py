"""What the suite costs, beside what the same machine does in the same run for a bare app and for a naive suite."""
