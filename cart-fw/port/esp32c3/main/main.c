/* The board's HAL under the loop that every port runs. */
#include "board.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "runtime.h"

/* Above the deepest chain of docs/SIZE.md and FreeRTOS's own frames. */
#define CART_STACK 8192
#define CART_PRIORITY 5
#define REST_MS 2u

static runtime cart;
static hal port;

static uint64_t now_ms(void *context) {
  (void)context;
  return (uint64_t)(esp_timer_get_time() / 1000);
}

static int entropy(void *context, void *to, size_t size) {
  (void)context;
  esp_fill_random(to, size);
  return 0;
}

static hal_reset_reason reset_reason(void *context) {
  (void)context;
  switch (esp_reset_reason()) {
    case ESP_RST_SW:
      return HAL_RESET_SOFTWARE;
    case ESP_RST_PANIC:
      return HAL_RESET_CRASH;
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
      return HAL_RESET_WATCHDOG;
    default:
      return HAL_RESET_POWER;
  }
}

static void watchdog(void *context) {
  (void)context;
  (void)esp_task_wdt_reset();
}

static void wait(void *context, uint32_t ms) {
  (void)context;
  /* Lines are polled: at 460,800 baud the modem's driver buffers 44 ms, the bridges' FIFOs 5 ms at 115,200. */
  vTaskDelay(pdMS_TO_TICKS(ms < 2u ? ms : 2u));
}

static void reset(void *context) {
  (void)context;
  (void)slots_try_installed(&port);
  esp_restart();
}

static hal make_port(void) {
  const hal made = {
      .now_ms = now_ms,
      .entropy = entropy,
      .read = lines_read,
      .write = lines_write,
      .geometry = flash_geometry,
      .flash_read = flash_read,
      .flash_program = flash_program,
      .flash_erase = flash_erase,
      .power = supply_power,
      .image = slots_image,
      .reset_reason = reset_reason,
      .watchdog = watchdog,
      .wait = wait,
      .reset = reset,
  };
  return made;
}

/** What the image must have confirmed in its records before the IDF's bootloader is told that it may stay. */
static void keep_otadata_in_step(void) {
  ota_record record;
  ota_record_place place;
  const hal_image *image = slots_image(NULL);
  const bool is_confirmed = ota_record_read(&port, &record, &place) == FW_OK && !record.trial &&
                            record.active == image->slot && record.security_counter >= image->security_counter;
  if (image->trial && is_confirmed) {
    (void)slots_confirmed(&port);
  }
}

static void run(void *argument) {
  (void)argument;
  (void)esp_task_wdt_add(NULL);
  /* Without its factory's record the cart is out of order, and its panel says so. */
  (void)runtime_init(&cart, &port, board_keys());
  for (;;) {
    watchdog(NULL);
    if (!runtime_pass(&cart)) {
      keep_otadata_in_step();
      wait(NULL, REST_MS);
    }
  }
}

void app_main(void) {
  port = make_port();
  /* NimBLE keeps its bonds there; nothing of the cart's own does. */
  if (nvs_flash_init() != ESP_OK || board_init() != 0 || flash_init() != 0 || slots_init() != 0 || lines_init() != 0 ||
      supply_init() != 0 || radio_init() != 0) {
    esp_restart();
  }
  if (xTaskCreate(run, "cart", CART_STACK, NULL, CART_PRIORITY, NULL) != pdPASS) {
    esp_restart();
  }
}
