/* The bootloader's first and last word: what is the machine's about booting. The decisions are boot/'s. */
#include "boot_run.h"
#include "cfi.h"
#include "flash_areas.h"
#include "handover.h"
#include "machine.h"
#include "map.h"
#include "uart.h"

/** Exit status of an emulator that found nothing to boot. */
#define NOTHING_TO_BOOT 91u

typedef void (*entry_point)(void);

static boot_choice choice;

/** Jumps to the image, or to nowhere: any doubt about either pass is part of the address. */
static void start(void) {
  const uintptr_t address = (uintptr_t)MAP_RAM ^ (uintptr_t)boot_doubt(&choice);
  __asm__ volatile(".option push\n .option arch, +zifencei\n fence.i\n .option pop" ::: "memory");
  ((entry_point)address)();
}

static void say_choice(void) {
  uart_say("boot: slot ");
  uart_say(choice.image.slot == HAL_SLOT_A ? "A " : "B ");
  uart_say(choice.image.version);
  uart_say(choice.image.trial ? ", on trial\n" : "\n");
}

int main(void);

int main(void) {
  static const hal port = {
      .geometry = flash_geometry,
      .flash_read = flash_area_read,
      .flash_program = flash_area_program,
      .flash_erase = flash_area_erase,
  };
  board_facts facts;
  const hal_reset_reason reason = handover_take_note();
  uart_init_log();
  if (cfi_probe() != 0 || !board_read_facts(&facts)) {
    uart_say("boot: no flash, or no keys\n");
    machine_halt(NOTHING_TO_BOOT);
  }
  const boot_context boot = {
      .port = &port,
      .keys = &facts.keys,
      .hardware = facts.hardware,
      .load = (uint8_t *)(uintptr_t)MAP_RAM,
      .load_capacity = MAP_IMAGE_SIZE,
  };
  if (boot_run(&boot, reason, &choice) != BOOT_YES) {
    uart_say("boot: nothing to boot\n");
    machine_halt(NOTHING_TO_BOOT);
  }
  choice.image.debug = facts.debug;
  handover_give(&choice.image, reason);
  say_choice();
  if (boot_doubt(&choice) != 0u) {
    machine_halt(NOTHING_TO_BOOT);
  }
  start();
  machine_halt(NOTHING_TO_BOOT);
}
