/** Nine 16550s: UART0, and the eight of two pci-serial-4x cards. Polled; QEMU holds back what the FIFO can't take. */
#ifndef CARTWRIGHT_QEMU_UART_H
#define CARTWRIGHT_QEMU_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_CHANNELS 9u

/** Opens UART0 alone: all that the bootloader needs. */
void uart_init_log(void);
/** Opens every channel that the machine has and says READY on each but the log: what came before that is lost. */
void uart_init(void);
size_t uart_read(unsigned channel, uint8_t *to, size_t capacity);
size_t uart_write(unsigned channel, const uint8_t *bytes, size_t size);
/** Whether any channel has a byte. */
bool uart_is_waiting(void);
/** Writes text to the log and waits until it is out. */
void uart_say(const char *text);

#endif
