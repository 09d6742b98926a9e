#include "status.h"

const char *fw_status_name(fw_status status) {
#define FW_STATUS_NAME(code, name) name,
  static const char *const names[] = {FW_STATUS_TABLE(FW_STATUS_NAME)};
#undef FW_STATUS_NAME
  const unsigned index = (unsigned)status;
  return (index < (unsigned)FW_STATUS_COUNT) ? names[index] : "no_such_status";
}
