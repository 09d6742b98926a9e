#include "board.h"

#include "driver/i2c_master.h"
#include "esp_err.h"

#include "release_keys.h" /* generated: RELEASE_KEYS_BUILD …, 65 bytes each; see docs/PORTING.md */

i2c_master_bus_handle_t board_bus;

int board_init(void) {
  const i2c_master_bus_config_t config = {
      .i2c_port = I2C_NUM_0,
      .sda_io_num = BOARD_I2C_SDA,
      .scl_io_num = BOARD_I2C_SCL,
      .clk_source = I2C_CLK_SRC_DEFAULT,
      .glitch_ignore_cnt = 7,
      .flags.enable_internal_pullup = false,
  };
  return i2c_new_master_bus(&config, &board_bus) == ESP_OK ? 0 : -1;
}

const manifest_keys *board_keys(void) {
  static const uint8_t build[] = RELEASE_KEYS_BUILD;
  static const uint8_t next_build[] = RELEASE_KEYS_NEXT_BUILD;
  static const uint8_t release[] = RELEASE_KEYS_RELEASE;
  static const uint8_t next_release[] = RELEASE_KEYS_NEXT_RELEASE;
  static const manifest_keys keys = {
      .build = {.current = build, .next = sizeof next_build == P256_POINT_SIZE ? next_build : NULL},
      .release = {.current = release, .next = sizeof next_release == P256_POINT_SIZE ? next_release : NULL},
  };
  return &keys;
}
