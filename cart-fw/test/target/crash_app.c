/* An image that was signed and is broken: it crashes before it has done anything. */
#include "machine.h"
#include "uart.h"

int main(void);

int main(void) {
  uart_init_log();
  uart_say("app: crashing\n");
  __asm__ volatile("unimp");
  return 0;
}
