/* The modem's line: any bytes, at any pace, with any commands of the caller between them. */
#include <stdint.h>
#include <stdlib.h>

#include "modem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const modem_config config = {"eu.cart.example", 8443, "iot.example"};
  static const uint8_t request[1500] = {1};
  modem m;
  uint8_t out[256];
  uint64_t now = 0;
  modem_init(&m, &config);
  for (size_t i = 0; i < size; i++) {
    /* Bytes that no line of a modem begins with are the caller's. */
    switch (data[i]) {
    case 0xF0:
      (void)modem_connect(&m, now);
      break;
    case 0xF1:
      (void)modem_send(&m, request, sizeof request, now);
      break;
    case 0xF2:
      modem_close(&m, now);
      break;
    case 0xF3:
      modem_ask_signal(&m);
      break;
    case 0xF4:
      now += 500;
      (void)modem_tick(&m, now);
      break;
    case 0xF5:
      now += 50000;
      (void)modem_tick(&m, now);
      break;
    case 0xF6:
      modem_wipe(&m);
      break;
    default:
      (void)modem_feed(&m, data[i], now);
      break;
    }
    while (modem_take(&m, out, sizeof out) == sizeof out) {
    }
  }
  if (m.sent > sizeof request || m.out_size > sizeof m.out) {
    abort();
  }
  return 0;
}
