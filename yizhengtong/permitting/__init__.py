"""From an application to a permit: applications (up to submission), casework (receipt to decision), permits."""
