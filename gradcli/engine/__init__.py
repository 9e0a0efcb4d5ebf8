"""Differentiation over numpy: tensors, the graph they record, the pass, and the op table."""
