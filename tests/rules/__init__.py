"""Each rule: a hit, a near miss, and its bytes by another count."""
