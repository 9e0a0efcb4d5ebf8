"""The commands: one file a verb; `options` holds the vocabulary they share."""
