#pragma once
#include <libpq-fe.h>

// Swift imports number and string macros only; these are character macros.
enum { pqFieldSQLState = PG_DIAG_SQLSTATE };
