"""What was asked, what is answered, how it is said: understanding, dialogue and answers over the knowledge base."""
