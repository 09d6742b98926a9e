#include "check.h"
#include "scale.h"

static scale_line line;

static scale_event feed(const char *text)
{
  scale_event event = {SCALE_NOTHING, 0};
  for (size_t i = 0; text[i] != '\0'; i++) {
    event = scale_feed(&line, (uint8_t)text[i]);
  }
  return event;
}

int main(void)
{
  IT("tells a weight after three stable readings, once") {
    scale_init(&line);
    CHECK_EQ(feed("S +000412 g\r").kind, SCALE_NOTHING);
    CHECK_EQ(feed("\nS +000413 g\r").kind, SCALE_NOTHING);
    const scale_event event = feed("\nS +000412 g\r");
    CHECK_EQ(event.kind, SCALE_WEIGHT);
    CHECK_EQ(event.grams, 412);
    CHECK_EQ(feed("\nS +000412 g\r").kind, SCALE_NOTHING);
    CHECK_EQ(feed("S +000415 g\r").kind, SCALE_NOTHING);
  }

  IT("begins anew when it swings: in motion, or stable readings apart") {
    scale_init(&line);
    (void)feed("S +000100 g\rS +000100 g\rD +000180 g\rS +000200 g\rS +000200 g\r");
    CHECK_EQ(feed("S +000205 g\r").kind, SCALE_NOTHING);
    CHECK_EQ(feed("S +000204 g\r").kind, SCALE_NOTHING);
    CHECK_EQ(feed("S +000201 g\r").grams, 201);
    CHECK_EQ(line.told, 201);
  }

  IT("tells only a weight that differs by more than the cell's noise, unless it is asked for") {
    scale_init(&line);
    (void)feed("S +001000 g\rS +001000 g\r");
    CHECK_EQ(feed("S +001000 g\r").kind, SCALE_WEIGHT);
    (void)feed("S +001004 g\rS +001005 g\r");
    CHECK_EQ(feed("S +001005 g\r").kind, SCALE_NOTHING);
    scale_ask(&line);
    CHECK_EQ(feed("S +001005 g\r").kind, SCALE_WEIGHT);
    (void)feed("S +000990 g\rS +000990 g\r");
    CHECK_EQ(feed("S +000990 g\r").kind, SCALE_WEIGHT);
  }

  IT("reads weights below zero") {
    scale_init(&line);
    (void)feed("S -000020 g\rS -000020 g\r");
    CHECK_EQ(feed("S -000020 g\r").grams, -20);
  }

  IT("tells an overload and a fault once each, and the weight that is there afterwards") {
    scale_init(&line);
    (void)feed("S +000500 g\rS +000500 g\rS +000500 g\r");
    CHECK_EQ(feed("O +000000 g\r").kind, SCALE_OVERLOAD);
    CHECK_EQ(feed("O +000000 g\r").kind, SCALE_NOTHING);
    CHECK_EQ(feed("F +000000 g\r").kind, SCALE_FAULT);
    CHECK_EQ(feed("F +000000 g\r").kind, SCALE_NOTHING);
    (void)feed("S +000500 g\rS +000500 g\r");
    CHECK_EQ(feed("S +000500 g\r").kind, SCALE_WEIGHT);
  }

  IT("refuses lines of another form and goes on with the next") {
    scale_init(&line);
    const char *refused[] = {"S +00412 g\r",   "S +0000412 g\r",  "S  000412 g\r", "S +00041x g\r", "S +00041/ g\r",
                             "S +000412 k\r",  "S+ 000412 g\r",   "S +000412_g\r", "X +000412 g\r", "\r",
                             "S +000412 g and more\r"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
      CHECK_EQ(feed(refused[i]).kind, SCALE_MALFORMED);
    }
    (void)feed("S +000412 g\rS +000412 g\r");
    CHECK_EQ(feed("S +000412 g\r").kind, SCALE_WEIGHT);
    CHECK_EQ(feed("S +0\n00412 g\r").kind, SCALE_MALFORMED);
  }

  return check_report("scale");
}
