/* The cart's image: the machine's HAL under the loop that every port runs. */
#include "machine.h"
#include "qemu_port.h"
#include "runtime.h"
#include "uart.h"

/** Exit status of an emulator whose image was started by something else than the bootloader. */
#define NO_HANDOVER 92u

static runtime cart;

int main(void);

int main(void) {
  const hal *port = qemu_port_init();
  if (port == NULL) {
    machine_halt(NO_HANDOVER);
  }
  if (!runtime_init(&cart, port, &qemu_port_facts()->keys)) {
    uart_say("cart: no factory record\n");
  }
  runtime_run(&cart);
}
