"""Results to text: nothing here prints."""
