"""What files tell while they stream by: one file a kind of fact."""
