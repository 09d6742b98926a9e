/*
 * An image that a test drives over the control channel: it takes an update with the firmware's own modules, confirms
 * itself, crashes or hangs when told to. One letter a command, answers are lines.
 */
#include <string.h>

#include "machine.h"
#include "ota.h"
#include "qemu_port.h"
#include "uart.h"

static const hal *port;
static ota update;
static uint8_t bytes[1024];
static uint32_t booted_us; /* from reset to main */

static void answer(const char *text) {
  const size_t size = strlen(text);
  for (size_t at = 0; at < size;) {
    at += uart_write(HAL_CONTROL, (const uint8_t *)text + at, size - at);
  }
}

static void answer_number(const char *before, uint32_t number) {
  uint8_t text[16];
  fw_buffer out = fw_buffer_over(text, sizeof text - 1u);
  fw_buffer_put_decimal(&out, number);
  text[out.size] = 0;
  answer(before);
  answer((const char *)text);
}

static void take(uint8_t *to, size_t size) {
  for (size_t at = 0; at < size;) {
    at += uart_read(HAL_CONTROL, to + at, size - at);
    port->watchdog(port->context);
  }
}

static uint32_t take_number(void) {
  uint8_t number[4];
  take(number, sizeof number);
  return (uint32_t)number[0] | ((uint32_t)number[1] << 8) | ((uint32_t)number[2] << 16) | ((uint32_t)number[3] << 24);
}

/** The secure element's part, which a test of booting has none of: the same verification by the core. */
static bool verify(void) {
  const ota_verification asked = ota_verification_of(&update);
  uint8_t point[65] = {4};
  memcpy(point + 1, asked.point, 64);
  return p256_verify(point, asked.digest, asked.signature) == P256_VALID;
}

/** Asks the test for a range and takes it in pieces, as from a modem. */
static void fetch(const ota_wish *wish) {
  const http1_answer head = {
      .status = 206,
      .has_range = true,
      .range_first = wish->first,
      .range_last = wish->last,
      .range_total = update.claims.image_size,
  };
  answer_number("range ", wish->first);
  answer_number(" ", wish->last);
  answer("\n");
  if (ota_head(&update, &head) != FW_OK) {
    return;
  }
  for (uint32_t left = wish->last - wish->first + 1u; left > 0u;) {
    const uint32_t size = left < (uint32_t)sizeof bytes ? left : (uint32_t)sizeof bytes;
    take(bytes, size);
    (void)ota_body(&update, FW_BYTES(bytes, (size_t)size));
    left -= size;
  }
  (void)ota_range_end(&update);
}

static void run_update(void) {
  const board_facts *facts = qemu_port_facts();
  const ota_config config = {.port = port, .keys = &facts->keys, .hardware = facts->hardware};
  const uint32_t size = take_number();
  take(bytes, size);
  ota_init(&update, &config);
  (void)ota_begin(&update, FW_BYTES(bytes, (size_t)size));
  for (ota_wish wish = ota_next(&update); wish.kind != OTA_WISH_NOTHING; wish = ota_next(&update)) {
    if (wish.kind == OTA_WISH_RESET) {
      break;
    }
    if (wish.kind == OTA_WISH_VERIFY) {
      (void)ota_element(&update, verify());
    } else {
      fetch(&wish);
    }
  }
  answer("update ");
  answer(fw_status_name(ota_status(&update)));
  answer("\n");
}

static void confirm(void) {
  uint32_t counter = 0;
  const fw_status status = ota_confirm(port, OTA_ROUND_TRIP_ACCEPTED, &counter);
  answer("confirm ");
  answer(fw_status_name(status));
  answer_number(" ", counter);
  answer("\n");
}

static void introduce(void) {
  static const char *const reasons[] = {" power", " software", " watchdog", " crash"};
  const hal_image *image = port->image(port->context);
  answer(image->slot == HAL_SLOT_A ? "app A " : "app B ");
  answer(image->version);
  answer(image->trial ? " trial" : " confirmed");
  answer(reasons[port->reset_reason(port->context)]);
  answer("\n");
}

static void obey(uint8_t command) {
  switch (command) {
    case 'u':
      run_update();
      break;
    case 'c':
      confirm();
      break;
    case 'r':
      port->reset(port->context);
      break;
    case 'x':
      __asm__ volatile("unimp");
      break;
    case 'h':
      for (;;) {
      }
    case 'b':
      answer_number("us ", booted_us);
      answer("\n");
      break;
    default:
      answer("what?\n");
      break;
  }
}

int main(void);

int main(void) {
  booted_us = (uint32_t)machine_now_us();
  port = qemu_port_init();
  if (port == NULL) {
    machine_halt(92);
  }
  introduce();
  for (;;) {
    uint8_t command;
    port->watchdog(port->context);
    port->wait(port->context, 100);
    if (port->read(port->context, HAL_CONTROL, &command, 1) == 1u) {
      obey(command);
    }
  }
}
