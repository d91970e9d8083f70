"""Rasa's side of understanding: importer, tokenizer, featurizers, classifiers and policy, each a thin shell."""
