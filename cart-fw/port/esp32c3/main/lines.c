/*
 * The serial lines: the modem on a UART of the chip, the secure element on I2C, four devices on two I2C-to-UART bridges
 * (NXP SC16IS752, 64-byte FIFOs), the radio in radio.c.
 */
#include <string.h>

#include "board.h"
#include "driver/i2c_master.h"
#include "driver/uart.h"
#include "esp_err.h"
#include "esp_rom_sys.h"

#define RX_BUFFER 2048
#define TX_BUFFER 2048
#define BUS_MS 20

extern i2c_master_bus_handle_t board_bus;

/* --- the secure element: the core's bytes begin with the data sheet's word address ------------------------------------- */

#define WORD_RESET 0x00u
/* tWLO and tWHI of the data sheet, with the time of the zero byte that wakes it. */
#define WAKE_US 1500

static i2c_master_dev_handle_t element;

static size_t element_read(uint8_t *to, size_t capacity) {
  uint8_t count;
  /* The chip does not acknowledge its address while it computes: nothing is there yet. */
  if (capacity == 0u || i2c_master_receive(element, &count, 1, BUS_MS) != ESP_OK) {
    return 0;
  }
  to[0] = count;
  const size_t rest = count == 0u ? 0u : (size_t)count - 1u;
  if (rest == 0u || rest + 1u > capacity) {
    return 1;
  }
  return i2c_master_receive(element, to + 1, rest, BUS_MS) == ESP_OK ? rest + 1u : 1u;
}

static size_t element_write(const uint8_t *bytes, size_t size) {
  if (size == 1u && bytes[0] == WORD_RESET) {
    /* Its wake is SDA held low for 60 us: a zero byte at 100 kHz to the general call address, which nobody answers. */
    (void)i2c_master_probe(board_bus, 0x00, BUS_MS);
    esp_rom_delay_us(WAKE_US);
    return size;
  }
  return i2c_master_transmit(element, bytes, size, BUS_MS) == ESP_OK ? size : 0u;
}

/* --- the bridges ---------------------------------------------------------------------------------------------------------- */

enum { RHR = 0x00, THR = 0x00, FCR = 0x02, LCR = 0x03, TXLVL = 0x08, RXLVL = 0x09, DLL = 0x00, DLH = 0x01 };
#define LCR_8N1 0x03u
#define LCR_DIVISOR 0x83u
#define FCR_ON 0x07u

typedef struct {
  i2c_master_dev_handle_t device;
  uint8_t channel;
} bridge_line;

static i2c_master_dev_handle_t bridges[2];

static uint8_t sub_address(const bridge_line *line, uint8_t reg) {
  return (uint8_t)((reg << 3) | (line->channel << 1));
}

static int put(const bridge_line *line, uint8_t reg, uint8_t value) {
  const uint8_t bytes[2] = {sub_address(line, reg), value};
  return i2c_master_transmit(line->device, bytes, sizeof bytes, BUS_MS) == ESP_OK ? 0 : -1;
}

static int get(const bridge_line *line, uint8_t reg, uint8_t *to, size_t size) {
  const uint8_t address = sub_address(line, reg);
  return i2c_master_transmit_receive(line->device, &address, 1, to, size, BUS_MS) == ESP_OK ? 0 : -1;
}

static int open_line(const bridge_line *line, uint32_t baud) {
  const uint32_t divisor = BOARD_BRIDGE_CRYSTAL_HZ / (16u * baud);
  int failed = put(line, LCR, LCR_DIVISOR);
  failed |= put(line, DLL, (uint8_t)divisor);
  failed |= put(line, DLH, (uint8_t)(divisor >> 8));
  failed |= put(line, LCR, LCR_8N1);
  failed |= put(line, FCR, FCR_ON);
  return failed;
}

static size_t bridge_read(const bridge_line *line, uint8_t *to, size_t capacity) {
  uint8_t level = 0;
  if (get(line, RXLVL, &level, 1) != 0) {
    return 0;
  }
  const size_t size = level < capacity ? level : capacity;
  return size != 0u && get(line, RHR, to, size) == 0 ? size : 0u;
}

static size_t bridge_write(const bridge_line *line, const uint8_t *bytes, size_t size) {
  uint8_t out[65];
  uint8_t room = 0;
  if (get(line, TXLVL, &room, 1) != 0) {
    return 0;
  }
  const size_t take = size < room ? size : room;
  if (take == 0u || take > sizeof out - 1u) {
    return 0;
  }
  out[0] = sub_address(line, THR);
  memcpy(out + 1, bytes, take);
  return i2c_master_transmit(line->device, out, take + 1u, BUS_MS) == ESP_OK ? take : 0u;
}

static bool line_of(hal_channel channel, bridge_line *line) {
  static const struct {
    uint8_t bridge;
    uint8_t channel;
  } wiring[HAL_CHANNELS] = {
      [HAL_SCANNER] = {0, 0}, [HAL_NFC] = {0, 1}, [HAL_SCALE] = {1, 0}, [HAL_DISPLAY] = {1, 1}};
  if (channel < HAL_SCANNER || channel > HAL_DISPLAY) {
    return false;
  }
  line->device = bridges[wiring[channel].bridge];
  line->channel = wiring[channel].channel;
  return true;
}

/* --- all of them -------------------------------------------------------------------------------------------------------- */

static int add_device(uint16_t address, i2c_master_dev_handle_t *device) {
  const i2c_device_config_t config = {
      .dev_addr_length = I2C_ADDR_BIT_LEN_7, .device_address = address, .scl_speed_hz = BOARD_I2C_HZ};
  return i2c_master_bus_add_device(board_bus, &config, device) == ESP_OK ? 0 : -1;
}

static int open_modem(void) {
  const uart_config_t config = {
      .baud_rate = BOARD_MODEM_BAUD,
      .data_bits = UART_DATA_8_BITS,
      .parity = UART_PARITY_DISABLE,
      .stop_bits = UART_STOP_BITS_1,
      .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
      .source_clk = UART_SCLK_DEFAULT,
  };
  if (uart_driver_install(BOARD_MODEM_UART, RX_BUFFER, TX_BUFFER, 0, NULL, 0) != ESP_OK ||
      uart_param_config(BOARD_MODEM_UART, &config) != ESP_OK) {
    return -1;
  }
  return uart_set_pin(BOARD_MODEM_UART, BOARD_MODEM_TX, BOARD_MODEM_RX, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE) == ESP_OK
             ? 0
             : -1;
}

int lines_init(void) {
  static const struct {
    hal_channel channel;
    uint32_t baud;
  } rates[] = {{HAL_SCANNER, 9600}, {HAL_NFC, 115200}, {HAL_SCALE, 9600}, {HAL_DISPLAY, 115200}};
  int failed = open_modem();
  failed |= add_device(BOARD_ELEMENT_ADDRESS, &element);
  failed |= add_device(BOARD_BRIDGE_A_ADDRESS, &bridges[0]);
  failed |= add_device(BOARD_BRIDGE_B_ADDRESS, &bridges[1]);
  for (size_t i = 0; i < sizeof rates / sizeof rates[0] && failed == 0; i++) {
    bridge_line line;
    failed |= line_of(rates[i].channel, &line) ? open_line(&line, rates[i].baud) : -1;
  }
  return failed;
}

size_t lines_read(void *context, hal_channel channel, uint8_t *to, size_t capacity) {
  bridge_line line;
  (void)context;
  if (channel == HAL_MODEM) {
    const int size = uart_read_bytes(BOARD_MODEM_UART, to, (uint32_t)capacity, 0);
    return size > 0 ? (size_t)size : 0u;
  }
  if (channel == HAL_ELEMENT) {
    return element_read(to, capacity);
  }
  if (channel == HAL_BLE) {
    return radio_read(to, capacity);
  }
  return line_of(channel, &line) ? bridge_read(&line, to, capacity) : 0u;
}

size_t lines_write(void *context, hal_channel channel, const uint8_t *bytes, size_t size) {
  bridge_line line;
  (void)context;
  if (channel == HAL_MODEM) {
    const int taken = uart_tx_chars(BOARD_MODEM_UART, (const char *)bytes, (uint32_t)size);
    return taken > 0 ? (size_t)taken : 0u;
  }
  if (channel == HAL_ELEMENT) {
    return element_write(bytes, size);
  }
  if (channel == HAL_BLE) {
    return radio_write(bytes, size);
  }
  /* A sold cart has no pins for a log: what is written to one is gone. */
  return line_of(channel, &line) ? bridge_write(&line, bytes, size) : size;
}
