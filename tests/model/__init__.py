"""Values: names, quantities, instructions."""
