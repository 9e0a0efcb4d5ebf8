"""What a command touches of the machine: streams, files, signals, the terminal, the shells."""
