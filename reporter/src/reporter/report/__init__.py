"""What a reader sees: figures, sentences, advice, and how they are laid out."""
