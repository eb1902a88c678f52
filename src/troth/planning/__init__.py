"""Planning: pure. Register and schema make questions; answers make findings, decisions and plans. Drives nothing."""
