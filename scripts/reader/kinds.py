"""What a row's first text is, and what a reader decides. Their order is that of the numbers in the files."""

KINDS = ["question", "passage", "claim"]
QUESTION, PASSAGE, CLAIM = range(len(KINDS))
# What the vector of the first token tells.
DECISIONS = ["answerable", "relevant", "supported"]
