/* Dock contact and battery. */
#include "board.h"
#include "driver/gpio.h"
#include "esp_adc/adc_cali.h"
#include "esp_adc/adc_cali_scheme.h"
#include "esp_adc/adc_oneshot.h"

#define EMPTY_MV 3300
#define FULL_MV 4150
#define DIVIDER 2

static adc_oneshot_unit_handle_t converter;
static adc_cali_handle_t calibration;

int supply_init(void) {
  const gpio_config_t dock = {
      .pin_bit_mask = 1ULL << BOARD_DOCK_PIN, .mode = GPIO_MODE_INPUT, .pull_down_en = GPIO_PULLDOWN_ENABLE};
  const adc_oneshot_unit_init_cfg_t unit = {.unit_id = ADC_UNIT_1};
  const adc_oneshot_chan_cfg_t channel = {.atten = ADC_ATTEN_DB_12, .bitwidth = ADC_BITWIDTH_DEFAULT};
  const adc_cali_curve_fitting_config_t curve = {
      .unit_id = ADC_UNIT_1, .chan = BOARD_BATTERY_CHANNEL, .atten = ADC_ATTEN_DB_12, .bitwidth = ADC_BITWIDTH_DEFAULT};
  if (gpio_config(&dock) != ESP_OK || adc_oneshot_new_unit(&unit, &converter) != ESP_OK ||
      adc_oneshot_config_channel(converter, BOARD_BATTERY_CHANNEL, &channel) != ESP_OK) {
    return -1;
  }
  return adc_cali_create_scheme_curve_fitting(&curve, &calibration) == ESP_OK ? 0 : -1;
}

int supply_power(void *context, hal_power *power) {
  int raw;
  int millivolts;
  (void)context;
  power->docked = gpio_get_level(BOARD_DOCK_PIN) == 1;
  if (adc_oneshot_read(converter, BOARD_BATTERY_CHANNEL, &raw) != ESP_OK ||
      adc_cali_raw_to_voltage(calibration, raw, &millivolts) != ESP_OK) {
    return -1;
  }
  const int cell = millivolts * DIVIDER;
  const int percent = (cell - EMPTY_MV) * 100 / (FULL_MV - EMPTY_MV);
  power->battery_percent = (uint8_t)(percent < 0 ? 0 : percent > 100 ? 100 : percent);
  return 0;
}
