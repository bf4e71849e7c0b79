"""The smaller image: what is dropped and joined, how it is written, and the proof that nothing was lost."""
