"""Where an operator arrives: home, help, language, and everything not understood."""
