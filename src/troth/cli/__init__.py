"""The command: reads words and options, calls services, prints. Results on stdout, progress and errors on stderr."""
