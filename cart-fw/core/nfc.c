#include "nfc.h"

#include "bytes.h"

void nfc_init(nfc_line *line)
{
  serial_frame_init(&line->reader, line->bytes, sizeof line->bytes);
}

static bool is_alphanumeric(uint8_t byte)
{
  return (byte >= (uint8_t)'0' && byte <= (uint8_t)'9') || (byte >= (uint8_t)'A' && byte <= (uint8_t)'Z') ||
         (byte >= (uint8_t)'a' && byte <= (uint8_t)'z');
}

/* A card number is digits alone; of a token's 62 characters 24 digits in a row come by chance once in 10^19. */
static bool is_token(const uint8_t *text, size_t size)
{
  bool letters = false;
  for (size_t i = 0; i < size; i++) {
    if (!is_alphanumeric(text[i])) {
      return false;
    }
    letters = letters || text[i] > (uint8_t)'9';
  }
  return size == NFC_TOKEN_SIZE && letters;
}

static bool is_serial(const uint8_t *text, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    if (text[i] < 0x21u || text[i] > 0x7Eu) {
      return false;
    }
  }
  /* The reader's buffer takes no longer one. */
  return size >= 1u;
}

static nfc_event_kind kind_of(const serial_frame *frame)
{
  switch (frame->type) {
  case NFC_FRAME_SERIAL:
    return is_serial(frame->payload, frame->size) ? NFC_SERIAL : NFC_MALFORMED;
  case NFC_FRAME_TOKEN:
    return is_token(frame->payload, frame->size) ? NFC_TOKEN : NFC_MALFORMED;
  case NFC_FRAME_REFUSED:
    return frame->size == 1u ? NFC_REFUSED : NFC_MALFORMED;
  case NFC_FRAME_TAMPER:
    return frame->size == 0u ? NFC_TAMPER : NFC_MALFORMED;
  default:
    return NFC_MALFORMED;
  }
}

nfc_event nfc_feed(nfc_line *line, uint8_t byte)
{
  nfc_event event = {NFC_NOTHING, NULL, 0, 0};
  serial_frame frame;
  if (!serial_frame_push(&line->reader, byte, &frame)) {
    return event;
  }
  event.kind = kind_of(&frame);
  if (event.kind == NFC_MALFORMED) {
    /* Whatever it was, it may have been a card: nothing of it stays. */
    nfc_wipe(line);
  } else if (event.kind == NFC_REFUSED) {
    event.reason = frame.payload[0];
  } else {
    event.text = frame.payload;
    event.size = frame.size;
  }
  return event;
}

void nfc_wipe(nfc_line *line)
{
  serial_frame_wipe(&line->reader);
}

size_t nfc_write_arm(uint8_t *out, size_t capacity, bool armed)
{
  return serial_frame_write(out, capacity, armed ? NFC_FRAME_ARM : NFC_FRAME_DISARM, NULL, 0);
}

size_t nfc_write_ask_serial(uint8_t *out, size_t capacity)
{
  return serial_frame_write(out, capacity, NFC_FRAME_ASK_SERIAL, NULL, 0);
}
