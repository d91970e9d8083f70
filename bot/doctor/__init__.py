"""The doctor (体检): looks at everything the service needs and says in a sentence what is amiss."""
