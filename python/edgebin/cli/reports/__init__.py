"""What commands print and write as JSON, where that is more than a few lines."""
