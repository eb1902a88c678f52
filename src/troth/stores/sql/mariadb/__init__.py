"""MariaDB, by PyMySQL: files and addresses may call it ``mysql`` too, as its drivers and clients do."""
