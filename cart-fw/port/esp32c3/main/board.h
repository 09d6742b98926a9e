/** Pins, ports and rates of the board, revision 1. */
#ifndef CARTWRIGHT_ESP32C3_BOARD_H
#define CARTWRIGHT_ESP32C3_BOARD_H

#include "hal.h"
#include "manifest.h"

#define BOARD_HARDWARE ((uint16_t)0x0101)

/* The C3 has two UARTs: one is the modem's, the other is shared by four devices behind an I2C-controlled multiplexer
   with FIFOs (SC16IS752, two of them), so that no byte is lost while another one is read. */
#define BOARD_MODEM_UART 1
#define BOARD_MODEM_TX 4
#define BOARD_MODEM_RX 5
#define BOARD_MODEM_BAUD 460800

#define BOARD_I2C_SDA 8
#define BOARD_I2C_SCL 9
#define BOARD_I2C_HZ 400000
#define BOARD_ELEMENT_ADDRESS 0x60 /* ATECC608, 7 bits */
#define BOARD_BRIDGE_A_ADDRESS 0x48 /* SC16IS752: scanner, NFC module */
#define BOARD_BRIDGE_B_ADDRESS 0x49 /* SC16IS752: scale, display */
#define BOARD_BRIDGE_CRYSTAL_HZ 1843200

#define BOARD_DOCK_PIN 6
#define BOARD_BATTERY_CHANNEL 2 /* ADC1, GPIO2, behind a divider by two */

/** Sets up pins and buses. 0: done. */
int board_init(void);
/** The keys that firmware is signed with: generated from the signers' public halves when the image is built. */
const manifest_keys *board_keys(void);

/* lines.c */
int lines_init(void);
size_t lines_read(void *context, hal_channel channel, uint8_t *to, size_t capacity);
size_t lines_write(void *context, hal_channel channel, const uint8_t *bytes, size_t size);

/* radio.c: the bytes of core/ble.h over NimBLE */
int radio_init(void);
size_t radio_read(uint8_t *to, size_t capacity);
size_t radio_write(const uint8_t *bytes, size_t size);

/* flash.c */
int flash_init(void);
const hal_geometry *flash_geometry(void *context, hal_area area);
int flash_read(void *context, hal_area area, uint32_t offset, void *to, size_t size);
int flash_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size);
int flash_erase(void *context, hal_area area, uint32_t offset);

/* slots.c: what the IDF's bootloader knows, and what core/ota.h's records say */
int slots_init(void);
const hal_image *slots_image(void *context);
/** After ota_confirm: tells the IDF's bootloader, and raises the eFuse counter where a release demands it. */
int slots_confirmed(const hal *port);
/** Before a reset: has the IDF's bootloader try the slot that core/ota.h installed. */
int slots_try_installed(const hal *port);

/* supply.c */
int supply_init(void);
int supply_power(void *context, hal_power *power);

#endif
