"""A receiver that never fails."""
