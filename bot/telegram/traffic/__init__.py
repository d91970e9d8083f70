"""The coming and going (收发): updates in, letters out, kept in between so that nothing is lost or done twice."""
