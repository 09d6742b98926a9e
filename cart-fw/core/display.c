#include "display.h"

#include <string.h>

#include "price.h"

#define SHOWN_LINES 5u

#define DISPLAY_SCREEN_TITLE(code, title) title,
static const char *const TITLES[SCREEN_COUNT] = {DISPLAY_SCREENS(DISPLAY_SCREEN_TITLE)};
#undef DISPLAY_SCREEN_TITLE

typedef struct {
  display_tone tone;
  const char *text;
} notice_text;
#define DISPLAY_NOTICE_TEXT(code, tone, text) {tone, text},
static const notice_text NOTICES[NOTICE_COUNT] = {DISPLAY_NOTICES(DISPLAY_NOTICE_TEXT)};
#undef DISPLAY_NOTICE_TEXT

void display_init(display_model *model) { (void)memset(model, 0, sizeof *model); }

void display_forget_trip(display_model *model) {
  display_nickname_wipe(&model->nickname);
  model->total_known = false;
  model->total_minor = 0;
  model->amount_minor = 0;
  model->pending = 0;
  model->held = 0;
  model->held_line = 0;
  fw_wipe(model->digits, sizeof model->digits);
  fw_wipe(model->lines, sizeof model->lines);
  model->lines_used = 0;
}

static size_t place_of(const display_model *model, uint16_t line) {
  size_t place = 0;
  while (place < model->lines_used && model->lines[place].line != line) {
    place++;
  }
  return place;
}

static void take_out(display_model *model, size_t place) {
  model->lines_used--;
  (void)memmove(&model->lines[place], &model->lines[place + 1u], (model->lines_used - place) * sizeof model->lines[0]);
}

static int32_t clamped(int64_t value) {
  if (value > INT32_MAX) {
    return INT32_MAX;
  }
  return value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

bool display_put_line(display_model *model, uint16_t line, fw_bytes name, uint64_t quantity, int64_t total_minor) {
  size_t place = place_of(model, line);
  bool is_less = quantity == 0u;
  if (place < model->lines_used) {
    is_less = quantity < model->lines[place].quantity;
    take_out(model, place);
  }
  if (quantity == 0u) {
    return is_less;
  }
  if (model->lines_used == DISPLAY_LINES) {
    take_out(model, 0);
  }
  display_line *at = &model->lines[model->lines_used];
  fw_buffer text = fw_buffer_over(at->name, sizeof at->name);
  display_text_put(&text, name, sizeof at->name);
  at->name_size = (uint8_t)text.size;
  at->line = line;
  at->quantity = (uint8_t)(quantity > UINT8_MAX ? UINT8_MAX : quantity);
  at->total_minor = clamped(total_minor);
  model->lines_used++;
  return is_less;
}

typedef struct {
  display_wire_writer wire;
  uint8_t row[DISPLAY_WIRE_ROW_MAX];
  fw_buffer text;
} picture;

static fw_buffer *begin_row(picture *p) {
  p->text = fw_buffer_over(p->row, sizeof p->row);
  return &p->text;
}

static void end_row(picture *p, display_style style) {
  display_wire_row(&p->wire, style, (const char *)p->row, p->text.size);
}

static void put_row(picture *p, display_style style, const char *text) {
  fw_buffer_put_text(begin_row(p), text);
  end_row(p, style);
}

static void put_nickname(picture *p, const display_model *model) {
  if (model->nickname.size == 0u) {
    return;
  }
  fw_buffer *row = begin_row(p);
  fw_buffer_put_text(row, "Hello ");
  fw_buffer_put(row, fw_bytes_view(model->nickname.utf8, model->nickname.size));
  end_row(p, DISPLAY_PLAIN);
}

static void put_digits(picture *p, const display_model *model) {
  if (model->digits[0] == 0u) {
    return;
  }
  fw_buffer *row = begin_row(p);
  fw_buffer_put_text(row, "Your phone shows ");
  fw_buffer_put(row, fw_bytes_view(model->digits, sizeof model->digits));
  end_row(p, DISPLAY_STRONG);
}

static void put_lines(picture *p, const display_model *model) {
  size_t first = model->lines_used > SHOWN_LINES ? model->lines_used - SHOWN_LINES : 0u;
  for (size_t i = first; i < model->lines_used; i++) {
    const display_line *line = &model->lines[i];
    fw_buffer *row = begin_row(p);
    fw_buffer_put_decimal(row, line->line);
    fw_buffer_put_text(row, " ");
    fw_buffer_put(row, fw_bytes_view(line->name, line->name_size));
    fw_buffer_put_text(row, " x");
    fw_buffer_put_decimal(row, line->quantity);
    fw_buffer_put_text(row, " ");
    price_put(row, line->total_minor, model->exponent, NULL);
    end_row(p, DISPLAY_PLAIN);
  }
}

static void put_amount(picture *p, const display_model *model, const char *label, int64_t minor) {
  fw_buffer *row = begin_row(p);
  fw_buffer_put_text(row, label);
  price_put(row, minor, model->exponent, model->currency);
  end_row(p, DISPLAY_STRONG);
}

static void put_figures(picture *p, const display_model *model) {
  if (model->total_known) {
    put_amount(p, model, "Total ", model->total_minor);
  }
  if (model->amount_minor != 0u) {
    put_amount(p, model, "To pay ", (int64_t)model->amount_minor);
  }
  if (model->pending != 0u) {
    fw_buffer *row = begin_row(p);
    fw_buffer_put_text(row, "Pending: ");
    fw_buffer_put_decimal(row, model->pending);
    end_row(p, DISPLAY_FAINT);
  }
}

static void put_holds(picture *p, const display_model *model) {
  if (model->held == 0u) {
    return;
  }
  fw_buffer *row = begin_row(p);
  fw_buffer_put_text(row, "Staff:");
  if ((model->held & DISPLAY_HELD_AGE) != 0u) {
    fw_buffer_put_text(row, " age check");
  }
  if ((model->held & DISPLAY_HELD_WEIGHT) != 0u) {
    fw_buffer_put_text(row, " weight");
  }
  if ((model->held & DISPLAY_HELD_UNKNOWN) != 0u) {
    fw_buffer_put_text(row, " unknown item ");
    fw_buffer_put_decimal(row, model->held_line);
  }
  end_row(p, DISPLAY_STRONG);
}

static void put_rest(picture *p, const display_model *model) {
  if (model->receipt_size != 0u) {
    fw_buffer *row = begin_row(p);
    fw_buffer_put_text(row, "Receipt ");
    fw_buffer_put(row, fw_bytes_view(model->receipt, model->receipt_size));
    end_row(p, DISPLAY_PLAIN);
  }
  if (model->screen == SCREEN_UPDATING) {
    fw_buffer *row = begin_row(p);
    fw_buffer_put_decimal(row, model->percent);
    fw_buffer_put_text(row, " %");
    end_row(p, DISPLAY_PLAIN);
  }
  if (model->notice != NOTICE_NONE) {
    put_row(p, DISPLAY_STRONG, NOTICES[model->notice].text);
  }
}

/* One for the whole picture: beside what staff have to look at, nothing is well. */
static display_tone tone_of(const display_model *model) {
  display_tone tone = NOTICES[model->notice].tone;
  return model->held != 0u && tone < DISPLAY_TONE_WARN ? DISPLAY_TONE_WARN : tone;
}

size_t display_render(const display_model *model, uint8_t *out, size_t capacity) {
  picture p;
  display_wire_begin(&p.wire, out, capacity, tone_of(model));
  put_row(&p, DISPLAY_TITLE, TITLES[model->screen]);
  put_nickname(&p, model);
  put_digits(&p, model);
  put_lines(&p, model);
  put_figures(&p, model);
  put_holds(&p, model);
  put_rest(&p, model);
  fw_wipe(p.row, sizeof p.row);
  return display_wire_end(&p.wire);
}
