#include "_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HARDWARE 7u
/* What goes on for longer does so for ever. */
#define SETTLES_IN 20000u

/* --- lines ------------------------------------------------------------------------------------------------------------- */

static void push(bench_line *line, const void *bytes, size_t size) {
  if (line->at == line->size) {
    line->at = 0;
    line->size = 0;
  }
  if (line->size + size > sizeof line->bytes) {
    abort();
  }
  (void)memcpy(line->bytes + line->size, bytes, size);
  line->size += size;
}

static size_t pull(bench_line *line, uint8_t *to, size_t capacity) {
  size_t left = line->size - line->at;
  size_t size = left < capacity ? left : capacity;
  (void)memcpy(to, line->bytes + line->at, size);
  line->at += size;
  return size;
}

void bench_say(bench *b, hal_channel channel, const void *bytes, size_t size) { push(&b->in[channel], bytes, size); }

void bench_say_text(bench *b, hal_channel channel, const char *text) { bench_say(b, channel, text, strlen(text)); }

bool bench_wrote(const bench *b, hal_channel channel, const void *bytes, size_t size) {
  const bench_line *line = &b->out[channel];
  return memmem(line->bytes, line->size, bytes, size) != NULL;
}

/* --- the modem --------------------------------------------------------------------------------------------------------- */

static void modem_says(bench *b, const char *text) { bench_say_text(b, HAL_MODEM, text); }

void bench_answer(bench *b, const void *bytes, size_t size) {
  push(&b->modem.received, bytes, size);
  modem_says(b, "\r\n+QSSLURC: \"recv\",0\r\n");
}

void bench_answer_text(bench *b, const char *text) { bench_answer(b, text, strlen(text)); }

void bench_hang_up(bench *b) {
  b->modem.connected = false;
  modem_says(b, "\r\n+QSSLURC: \"closed\",0\r\n");
}

/* Bytes of the body that the head promises. */
static size_t promised(const char *head) {
  const char *length = strstr(head, "Content-Length: ");
  return length == NULL ? 0u : (size_t)strtoul(length + strlen("Content-Length: "), NULL, 10);
}

static void take_request(bench *b) {
  const char *end = strstr(b->request, "\r\n\r\n");
  if (end == NULL || b->request_size < (size_t)(end + 4 - b->request) + promised(b->request)) {
    return;
  }
  b->requests++;
  b->request_size = 0;
  b->serve(b, b->request);
}

static void modem_written(bench *b) {
  const char *early = b->modem.early;
  if (b->modem.holds_sends) {
    return;
  }
  b->modem.early = NULL;
  if (early != NULL) {
    bench_answer_text(b, early);
  }
  modem_says(b, "\r\nSEND OK\r\n");
  take_request(b);
}

static void modem_data(bench *b, uint8_t byte) {
  bench_modem *m = &b->modem;
  b->request[b->request_size] = (char)byte;
  b->request_size++;
  b->request[b->request_size] = '\0';
  m->data_left--;
  if (m->data_left == 0u) {
    modem_written(b);
  }
}

static void modem_receive(bench *b) {
  char head[40];
  uint8_t bytes[MODEM_READ_MAX];
  size_t size = pull(&b->modem.received, bytes, sizeof bytes);
  (void)snprintf(head, sizeof head, "\r\n+QSSLRECV: %zu\r\n", size);
  modem_says(b, head);
  bench_say(b, HAL_MODEM, bytes, size);
  modem_says(b, "\r\n\r\nOK\r\n");
}

static void modem_obeys(bench *b, const char *command) {
  bench_modem *m = &b->modem;
  if (strncmp(command, "AT+QSSLSEND=0,", 14) == 0) {
    m->data_left = (size_t)strtoul(command + 14, NULL, 10);
    modem_says(b, "\r\n> ");
    return;
  }
  if (strncmp(command, "AT+QSSLRECV", 11) == 0) {
    modem_receive(b);
    return;
  }
  if (strcmp(command, "AT+CEREG?") == 0) {
    modem_says(b, "\r\n+CEREG: 1,1\r\n");
  } else if (strcmp(command, "AT+CSQ") == 0) {
    modem_says(b, "\r\n+CSQ: 20,99\r\n");
  } else if (strncmp(command, "AT+QSSLOPEN", 11) == 0) {
    m->opens_at = b->port.now_ms + m->open_ms;
  } else if (strncmp(command, "AT+QSSLCLOSE", 12) == 0) {
    m->connected = false;
    m->received.at = m->received.size;
    b->request_size = 0;
  }
  modem_says(b, "\r\nOK\r\n");
}

static void modem_takes(bench *b, uint8_t byte) {
  bench_modem *m = &b->modem;
  if (m->data_left != 0u) {
    modem_data(b, byte);
  } else if (byte == (uint8_t)'\r') {
    m->command[m->command_size] = '\0';
    m->command_size = 0;
    modem_obeys(b, m->command);
  } else {
    m->command[m->command_size] = (char)byte;
    m->command_size++;
  }
}

static void modem_goes_on(bench *b) {
  bench_modem *m = &b->modem;
  if (m->opens_at == 0u || b->port.now_ms < m->opens_at) {
    return;
  }
  m->opens_at = 0;
  m->connected = !m->refuses_open;
  m->opened++;
  modem_says(b, m->connected ? "\r\n+QSSLOPEN: 0,0\r\n" : "\r\n+QSSLOPEN: 0,579\r\n");
}

/* --- the secure element -------------------------------------------------------------------------------------------------- */

static void element_says(bench *b, const uint8_t *data, size_t size) {
  uint8_t packet[67];
  packet[0] = (uint8_t)(size + 3u);
  (void)memcpy(packet + 1, data, size);
  uint16_t crc = se608_crc(packet, size + 1u);
  packet[size + 1u] = (uint8_t)crc;
  packet[size + 2u] = (uint8_t)(crc >> 8);
  if (!b->element.is_silent) {
    bench_say(b, HAL_ELEMENT, packet, size + 3u);
  }
}

static void element_status(bench *b, uint8_t status) { element_says(b, &status, 1); }

static void element_count(bench *b, uint8_t up) {
  uint8_t bytes[4];
  b->element.counter += up;
  for (unsigned i = 0; i < 4u; i++) {
    bytes[i] = (uint8_t)(b->element.counter >> (8u * i));
  }
  element_says(b, bytes, sizeof bytes);
}

/* A signature that tells what was signed: the digest twice. */
static void element_sign(bench *b) {
  uint8_t signature[64];
  (void)memcpy(signature, b->element.digest, 32);
  (void)memcpy(signature + 32, b->element.digest, 32);
  element_says(b, signature, sizeof signature);
}

static void element_obeys(bench *b, const uint8_t *packet) {
  bench_element *e = &b->element;
  const uint8_t opcode = packet[1];
  if (e->refusals != 0u && opcode == e->refused[0] && packet[2] == e->refused[1]) {
    e->refusals--;
    element_status(b, 0x0F);
    return;
  }
  e->done[opcode]++;
  switch (opcode) {
    case 0x16:
      (void)memcpy(e->digest, packet + 5, sizeof e->digest);
      element_status(b, 0x00);
      break;
    case 0x41:
      element_sign(b);
      break;
    case 0x45:
      element_status(b, e->accepts ? 0x00 : 0x01);
      break;
    case 0x40:
      element_says(b, e->point, sizeof e->point);
      break;
    case 0x24:
      element_count(b, packet[2]);
      break;
    default:
      element_status(b, 0x03);
      break;
  }
}

static void element_takes(bench *b, uint8_t byte) {
  bench_element *e = &b->element;
  e->bytes[e->size] = byte;
  e->size++;
  if (e->bytes[0] != 0x03u) {
    e->size = 0;
    if (byte == 0x00u) {
      element_status(b, 0x11);
    }
  } else if (e->size > 1u && e->size == (size_t)e->bytes[1] + 1u) {
    e->size = 0;
    element_obeys(b, e->bytes + 1);
  }
}

/* --- the HAL --------------------------------------------------------------------------------------------------------------- */

static size_t read_line(host_port *port, hal_channel channel, uint8_t *to, size_t capacity) {
  bench *b = port->owner;
  return pull(&b->in[channel], to, capacity);
}

static size_t write_line(host_port *port, hal_channel channel, const uint8_t *bytes, size_t size) {
  bench *b = port->owner;
  size_t taken = b->write_most != 0u && size > b->write_most ? b->write_most : size;
  for (size_t i = 0; i < taken; i++) {
    if (channel == HAL_MODEM) {
      modem_takes(b, bytes[i]);
    } else if (channel == HAL_ELEMENT) {
      element_takes(b, bytes[i]);
    } else {
      bench_line *line = &b->out[channel];
      if (line->size == sizeof line->bytes) {
        line->size = 0;
      }
      line->bytes[line->size] = bytes[i];
      line->size++;
    }
  }
  return taken;
}

static int tell_power(void *context, hal_power *power) {
  const host_port *port = context;
  const bench *b = port->owner;
  *power = port->power;
  return b->loses_power ? -1 : 0;
}

/* --- the bench ------------------------------------------------------------------------------------------------------------- */

void bench_put_factory(bench *b) {
  fw_buffer out = fw_buffer_over(b->flash + host_area_offset(HAL_FACTORY), CART_FACTORY_SIZE_MAX);
  cart_factory_put(&out, &b->factory);
}

static void make_factory(cart_factory *factory, const uint8_t point[64]) {
  (void)strcpy(factory->host, "api.cart.test");
  (void)strcpy(factory->apn, "iot.test");
  factory->port = 443;
  factory->has_point = true;
  (void)memcpy(factory->point, point, sizeof factory->point);
}

void bench_init(bench *b, bench_server serve) {
  (void)memset(b, 0, sizeof *b);
  (void)memset(b->flash, 0xFF, sizeof b->flash);
  (void)memset(b->element.point, 0xB7, sizeof b->element.point);
  b->serve = serve;
  make_factory(&b->factory, b->element.point);
  bench_put_factory(b);
  host_port_init(&b->port, b->flash);
  b->port.owner = b;
  b->port.reader = read_line;
  b->port.writer = write_line;
  b->port.hal.power = tell_power;
  b->port.now_ms = 1000;
  b->port.image = (hal_image){.version = "1.0.0", .security_counter = 1, .hardware = HARDWARE, .slot = HAL_SLOT_A, .debug = 4};
}

bool bench_start(bench *b, const manifest_keys *keys) {
  (void)memset(b->in, 0, sizeof b->in);
  (void)memset(b->out, 0, sizeof b->out);
  (void)memset(&b->modem.received, 0, sizeof b->modem.received);
  b->modem.command_size = 0;
  b->modem.data_left = 0;
  b->modem.connected = false;
  b->element.size = 0;
  b->request_size = 0;
  return runtime_init(&b->rt, &b->port.hal, keys);
}

void bench_settle(bench *b) {
  for (unsigned passes = 0; passes < SETTLES_IN; passes++) {
    modem_goes_on(b);
    if (!runtime_pass(&b->rt)) {
      return;
    }
  }
}

void bench_run(bench *b, uint64_t ms) {
  const uint64_t end = b->port.now_ms + ms;
  while (b->port.now_ms < end) {
    bench_settle(b);
    b->port.now_ms += 10u;
  }
  bench_settle(b);
}

void bench_ready(bench *b, bench_server serve) {
  static const manifest_keys no_keys;
  bench_init(b, serve);
  (void)bench_start(b, &no_keys);
  bench_run(b, 2000);
}

void bench_post(bench *b, const char *path, const char *body) {
  cart_effect effect = {.kind = CART_FX_SEND, .message = MSG_TELEMETRY, .path = fw_bytes_of_text(path), .bytes = fw_bytes_of_text(body)};
  runtime_carry_out(&b->rt, &effect);
}
