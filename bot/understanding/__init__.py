"""From a message to a query: normalising, features, models, decision. Pure of Rasa; see bot.components for that."""
