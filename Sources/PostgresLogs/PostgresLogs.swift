// The PostgresLogs module.
