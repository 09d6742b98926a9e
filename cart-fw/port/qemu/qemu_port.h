/** The HAL of this machine. */
#ifndef CARTWRIGHT_QEMU_PORT_H
#define CARTWRIGHT_QEMU_PORT_H

#include "hal.h"
#include "handover.h"

/** Sets up the machine. @return null when there is no flash, no keys or no word from the bootloader: reset. */
const hal *qemu_port_init(void);
/** What the factory wrote of the board. */
const board_facts *qemu_port_facts(void);

#endif
