"""The prompt: reads statements and meta-commands, runs them in one session, shows what comes."""
