/* Prints the table of states as JSON, for the test that walks it against the platform. */
#include <stdio.h>

#include "cart_table.h"

int main(void) {
  size_t count;
  const cart_row *rows = cart_table(&count);
  (void)printf("{\"states\":[");
  for (int state = 0; state < CART_STATE_COUNT; state++) {
    (void)printf("%s{\"name\":\"%s\",\"unlocked\":%s}", state == 0 ? "" : ",", cart_state_name((cart_state)state),
                 cart_state_is_unlocked((cart_state)state) ? "true" : "false");
  }
  (void)printf("],\"rows\":[");
  for (size_t i = 0; i < count; i++) {
    (void)printf("%s\n{\"from\":\"%s\",\"signal\":\"%s\",\"guard\":\"%s\",\"to\":\"%s\"}", i == 0u ? "" : ",",
                 cart_state_name(rows[i].from), cart_signal_name(rows[i].signal), cart_guard_name(rows[i].guard),
                 cart_state_name(rows[i].to));
  }
  (void)printf("\n]}\n");
  return 0;
}
