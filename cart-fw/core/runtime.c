#include "runtime_internal.h"

#include <string.h>

#define TICK_MS 100u
#define SECOND_MS 1000u
#define IDLE_MS 10u

uint64_t runtime_now(const runtime *rt) { return rt->port->now_ms(rt->port->context); }

cart_event runtime_event(const runtime *rt, cart_event_kind kind) {
  cart_event event;
  (void)memset(&event, 0, sizeof event);
  event.kind = kind;
  event.now_ms = runtime_now(rt);
  return event;
}

static void log_state(runtime *rt) {
  if (rt->cart.state == rt->logged) {
    return;
  }
  rt->logged = rt->cart.state;
  const char *name = cart_state_name(rt->logged);
  (void)rt->port->write(rt->port->context, HAL_LOG, (const uint8_t *)name, strlen(name));
  (void)rt->port->write(rt->port->context, HAL_LOG, (const uint8_t *)"\n", 1);
}

static void step(runtime *rt, const cart_event *event) {
  cart_effect effects[CART_EFFECTS_MAX];
  size_t count = cart_step(&rt->cart, event, effects, CART_EFFECTS_MAX);
  for (size_t i = 0; i < count; i++) {
    runtime_carry_out(rt, &effects[i]);
  }
  log_state(rt);
}

static void answer_append(runtime *rt) {
  cart_event event = runtime_event(rt, CART_EV_APPENDED);
  rt->has_appended = false;
  event.status = rt->append_status;
  event.number = rt->append_id;
  step(rt, &event);
}

static void answer_read(runtime *rt) {
  journal_record record;
  if (journal_next(&rt->store, &rt->cursor, &record, rt->record, sizeof rt->record) != JOURNAL_OK) {
    rt->reading = false;
    cart_event end = runtime_event(rt, CART_EV_READ_END);
    step(rt, &end);
    return;
  }
  cart_event event = runtime_event(rt, CART_EV_RECORD);
  event.type = record.type;
  event.number = record.id;
  event.bytes = fw_bytes_view(rt->record, record.size);
  step(rt, &event);
}

void runtime_feed(runtime *rt, const cart_event *event) {
  step(rt, event);
  while (rt->has_appended || rt->reading) {
    if (rt->has_appended) {
      answer_append(rt);
    } else {
      answer_read(rt);
    }
  }
}

/* --- the journal's flash ------------------------------------------------------------------------------------------------- */

static int flash_read(void *context, uint32_t offset, void *to, size_t size) {
  const hal *port = context;
  return port->flash_read(port->context, HAL_JOURNAL, offset, to, size);
}

static int flash_program(void *context, uint32_t offset, const void *from, size_t size) {
  const hal *port = context;
  return port->flash_program(port->context, HAL_JOURNAL, offset, from, size);
}

static int flash_erase(void *context, uint32_t offset) {
  const hal *port = context;
  return port->flash_erase(port->context, HAL_JOURNAL, offset);
}

static bool mount(runtime *rt, uint32_t *boot) {
  const hal_geometry *geometry = rt->port->geometry(rt->port->context, HAL_JOURNAL);
  /* The HAL's context is not const; this is the one place where it is handed on as the journal's. */
  void *context = (void *)(uintptr_t)rt->port;
  rt->flash = (journal_flash){flash_read, flash_program, flash_erase, context, geometry->sector, geometry->sectors};
  if (journal_mount(&rt->store, &rt->flash) != JOURNAL_OK) {
    return false;
  }
  return journal_count(&rt->store, boot) == JOURNAL_OK;
}

/* --- power on -------------------------------------------------------------------------------------------------------------- */

static bool read_factory(runtime *rt) {
  uint8_t bytes[CART_FACTORY_SIZE_MAX];
  if (rt->port->flash_read(rt->port->context, HAL_FACTORY, 0, bytes, sizeof bytes) != 0) {
    return false;
  }
  return cart_factory_read(fw_bytes_view(bytes, sizeof bytes), &rt->factory) == FW_OK;
}

static void start_drivers(runtime *rt) {
  (void)memcpy(rt->network.host, rt->factory.host, sizeof rt->network.host);
  (void)memcpy(rt->network.apn, rt->factory.apn, sizeof rt->network.apn);
  rt->network.port = rt->factory.port;
  modem_init(&rt->modem, &rt->network);
  se608_init(&rt->element);
  scanner_init(&rt->scanner);
  nfc_init(&rt->nfc);
  scale_init(&rt->scale);
  display_wire_init(&rt->panel);
  ble_init(&rt->ble);
  rt->nfc_out.size = nfc_write_ask_serial(rt->nfc_out.bytes, sizeof rt->nfc_out.bytes);
}

static void tell_image(runtime *rt) {
  const hal_image *image = rt->port->image(rt->port->context);
  cart_event event = runtime_event(rt, CART_EV_IMAGE);
  (void)memcpy(event.image.digest, image->digest, sizeof event.image.digest);
  event.image.version = fw_bytes_of_text(image->version);
  event.image.security_counter = image->security_counter;
  event.image.hardware = image->hardware;
  event.image.debug = (eat_debug)image->debug;
  event.image.trial = image->trial;
  runtime_feed(rt, &event);
}

bool runtime_init(runtime *rt, const hal *port, const manifest_keys *keys) {
  fw_wipe(rt, sizeof *rt);
  rt->port = port;
  rt->logged = CART_STATE_COUNT;
  bool has_factory = read_factory(rt);
  uint32_t chance = 0;
  (void)port->entropy(port->context, &chance, sizeof chance);
  cart_init(&rt->cart, &rt->factory, chance);
  const hal_image *image = port->image(port->context);
  rt->update_config = (ota_config){.port = port, .keys = keys, .hardware = image->hardware};
  ota_init(&rt->update, &rt->update_config);
  start_drivers(rt);
  cart_event start = runtime_event(rt, CART_EV_START);
  runtime_feed(rt, &start);
  cart_event found = runtime_event(rt, CART_EV_JOURNAL);
  found.ok = has_factory && mount(rt, &found.number);
  runtime_feed(rt, &found);
  tell_image(rt);
  runtime_test_element(rt);
  return has_factory;
}

/* --- the loop ---------------------------------------------------------------------------------------------------------------- */

static void ask_power(runtime *rt) {
  hal_power power;
  if (rt->port->power(rt->port->context, &power) != 0) {
    return;
  }
  bool is_same = rt->has_power && power.docked == rt->docked && power.battery_percent == rt->battery;
  if (is_same) {
    return;
  }
  rt->has_power = true;
  rt->docked = power.docked;
  rt->battery = power.battery_percent;
  cart_event event = runtime_event(rt, CART_EV_POWER);
  event.ok = power.docked;
  event.number = power.battery_percent;
  runtime_feed(rt, &event);
}

static void every_second(runtime *rt) {
  ask_power(rt);
  /* An update knows the record of before, and where the next one goes: it is not written under it. */
  if ((rt->confirmation != 0u) && !rt->updating) {
    runtime_confirm(rt);
  }
}

static void tick(runtime *rt) {
  uint64_t now = runtime_now(rt);
  if (now - rt->tick_ms < TICK_MS) {
    return;
  }
  rt->tick_ms = now;
  cart_event event = runtime_event(rt, CART_EV_TICK);
  runtime_feed(rt, &event);
  if (now - rt->second_ms >= SECOND_MS) {
    rt->second_ms = now;
    every_second(rt);
  }
}

static bool show(runtime *rt) {
  if (rt->wants_picture && rt->picture.size == 0u) {
    rt->wants_picture = false;
    rt->picture.size = display_render(&rt->cart.display, rt->picture.bytes, sizeof rt->picture.bytes);
    rt->picture.at = 0;
  }
  return runtime_flush(rt, HAL_DISPLAY, &rt->picture);
}

bool runtime_pass(runtime *rt) {
  rt->port->watchdog(rt->port->context);
  bool any = runtime_modem(rt);
  any = runtime_element(rt) || any;
  any = runtime_lines(rt) || any;
  any = runtime_update(rt) || any;
  tick(rt);
  any = show(rt) || any;
  any = runtime_flush(rt, HAL_BLE, &rt->radio) || any;
  return runtime_flush(rt, HAL_NFC, &rt->nfc_out) || any;
}

void runtime_run(runtime *rt) {
  for (;;) {
    if (!runtime_pass(rt)) {
      rt->port->wait(rt->port->context, IDLE_MS);
    }
  }
}
