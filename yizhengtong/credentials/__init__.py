"""What is handed to a holder: papers now, and credentials."""
