#include "machine.h"

#include "handover.h"
#include "map.h"
#include "registers.h"
#include "uart.h"

#define TICKS_PER_US 10u
#define MACHINE_TIMER ((uint32_t)0x80000007u)
#define EXIT_RESET 0x7777u
#define EXIT_FAIL 0x3333u
/* A byte is answered within so long: 8 % of one of the host's cores while the cart sleeps. */
#define NAP_US 1000u

static uint64_t bite_at; /* us; 0: the watchdog is not started */

static uint64_t now_ticks(void) {
  uint32_t high;
  uint32_t low;
  do {
    high = register32(MAP_MTIME + 4u);
    low = register32(MAP_MTIME);
  } while (register32(MAP_MTIME + 4u) != high);
  return ((uint64_t)high << 32) | low;
}

uint64_t machine_now_us(void) {
  return now_ticks() / TICKS_PER_US;
}

uint64_t machine_now_ms(void) {
  return machine_now_us() / 1000u;
}

uint64_t machine_clock_ns(void) {
  const uint32_t low = register32(MAP_RTC);
  return ((uint64_t)register32(MAP_RTC + 4u) << 32) | low;
}

static void alarm_at(uint64_t us) {
  const uint64_t ticks = us * TICKS_PER_US;
  set_register32(MAP_MTIMECMP + 4u, UINT32_MAX); /* no alarm between the two halves */
  set_register32(MAP_MTIMECMP, (uint32_t)ticks);
  set_register32(MAP_MTIMECMP + 4u, (uint32_t)(ticks >> 32));
}

static void allow_alarms(void) {
  __asm__ volatile(".option push\n .option arch, +zicsr\n csrs mie, %0\n csrsi mstatus, 8\n .option pop" ::"r"(0x80u));
}

/* An alarm that is due stays due until alarms are allowed; `wfi` goes on all the same. */
static void hold_alarms(void) {
  __asm__ volatile(".option push\n .option arch, +zicsr\n csrci mstatus, 8\n .option pop");
}

void machine_kick(void) {
  bite_at = machine_now_us() + MACHINE_WATCHDOG_MS * 1000u;
  alarm_at(bite_at);
  allow_alarms();
}

void machine_wait(uint32_t ms) {
  const uint64_t until = machine_now_us() + (uint64_t)ms * 1000u;
  for (uint64_t now = machine_now_us(); now < until && !uart_is_waiting(); now = machine_now_us()) {
    const uint64_t nap = now + NAP_US < until ? now + NAP_US : until;
    /* An alarm between setting it and sleeping would be the last one before the watchdog's. */
    hold_alarms();
    alarm_at(bite_at != 0u && bite_at < nap ? bite_at : nap);
    __asm__ volatile("wfi");
    allow_alarms();
  }
  alarm_at(bite_at != 0u ? bite_at : UINT64_MAX / TICKS_PER_US);
}

_Noreturn void machine_reset(hal_reset_reason reason) {
  handover_note(reason);
  set_register32(MAP_EXIT, EXIT_RESET);
  for (;;) {
  }
}

_Noreturn void machine_halt(uint32_t status) {
  set_register32(MAP_EXIT, (status << 16) | EXIT_FAIL);
  for (;;) {
  }
}

static void say_hex(uint32_t word) {
  char text[9];
  for (unsigned i = 0; i < 8u; i++) {
    text[i] = "0123456789abcdef"[(word >> (28u - 4u * i)) & 15u];
  }
  text[8] = '\0';
  uart_say(text);
}

void trap(uint32_t cause, uint32_t pc, uint32_t value) {
  if (cause == MACHINE_TIMER) {
    if (bite_at != 0u && machine_now_us() >= bite_at) {
      uart_say("cart: the watchdog bit\n");
      machine_reset(HAL_RESET_WATCHDOG);
    }
    /* The end of a nap: nothing is due before the watchdog. */
    alarm_at(bite_at != 0u ? bite_at : UINT64_MAX / TICKS_PER_US);
    return;
  }
  uart_say("cart: trap ");
  say_hex(cause);
  uart_say(" at ");
  say_hex(pc);
  uart_say(" value ");
  say_hex(value);
  uart_say("\n");
  machine_reset(HAL_RESET_CRASH);
}
