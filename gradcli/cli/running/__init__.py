"""What verbs share between the command line and a result: sessions, values, reports."""
