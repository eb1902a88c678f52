"""State: our own database (plans, progress, key sets, holds, tasks, the log's rows), secrets by reference, one lock."""
