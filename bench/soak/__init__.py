"""What the service promises under faults and over time, tried for as long as it takes."""
