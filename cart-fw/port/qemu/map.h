/** Addresses of QEMU's `virt` machine, and the places that bootloader and application share. Assembly reads it as well. */
#ifndef CARTWRIGHT_QEMU_MAP_H
#define CARTWRIGHT_QEMU_MAP_H

/* --- the machine (hw/riscv/virt.c) --- */
#define MAP_EXIT 0x00100000      /* 0x5555 ends QEMU, 0x7777 resets the machine */
#define MAP_RTC 0x00101000       /* goldfish: nanoseconds of the host's clock */
#define MAP_MTIMECMP 0x02004000
#define MAP_MTIME 0x0200BFF8     /* 10 MHz */
#define MAP_PCI_IO 0x03000000
#define MAP_UART0 0x10000000
#define MAP_ROM 0x20000000       /* pflash unit 0: bootloader and pinned keys */
#define MAP_FLASH 0x22000000     /* pflash unit 1: slots, records, factory, journal */
#define MAP_PCI_ECAM 0x30000000

/* --- RAM: as much as an ESP32-C3 has --- */
#define MAP_RAM 0x80000000
#define MAP_IMAGE_SIZE 0x5C000   /* images run from MAP_RAM on, in so many bytes */
#define MAP_BOOT_RAM 0x8005C000
#define MAP_BOOT_RAM_SIZE 0x7800
#define MAP_NOTE 0x80063800      /* why the machine was reset; survives a reset, not a power cut */
#define MAP_HANDOVER 0x80063900  /* what the bootloader tells the application */

/* --- ROM --- */
#define MAP_BOOT_SIZE 0xF000
#define MAP_KEYS 0x2000F000      /* the pinned keys' page, written by the factory */

#endif
