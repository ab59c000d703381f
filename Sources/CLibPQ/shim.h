#pragma once
#include <libpq-fe.h>

// Swift imports number and string macros only; these are character macros.
enum {
  pqFieldSQLState = PG_DIAG_SQLSTATE,
  pqFieldMessage = PG_DIAG_MESSAGE_PRIMARY,
  pqFieldDetail = PG_DIAG_MESSAGE_DETAIL,
  pqFieldHint = PG_DIAG_MESSAGE_HINT,
};
