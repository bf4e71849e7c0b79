"""What others take from this project as it is: the action, the template, the hook, the image."""
