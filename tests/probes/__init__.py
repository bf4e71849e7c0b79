"""What files tell while they stream by."""
