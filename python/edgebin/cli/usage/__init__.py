"""What the commands share in how they are called: arguments, number types, help, requirements."""
