"""The manual: what people wrote of it, read; the pages, made."""
