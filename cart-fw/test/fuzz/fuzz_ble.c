/* The BLE module's and the display's lines. */
#include <stdint.h>
#include <stdlib.h>

#include "ble.h"
#include "display_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ble_line radio;
  display_wire_line panel;
  ble_init(&radio);
  display_wire_init(&panel);
  for (size_t i = 0; i < size; i++) {
    const ble_event event = ble_feed(&radio, data[i]);
    if (event.id_size > BLE_ID_MAX || event.reference_size > BLE_REFERENCE_MAX || event.size > BLE_STATEMENT_MAX) {
      abort();
    }
    const display_wire_event key = display_wire_feed(&panel, data[i]);
    if (key.key > DISPLAY_KEY_LAST || key.size > DISPLAY_WIRE_TYPED_MAX) {
      abort();
    }
  }
  return 0;
}
