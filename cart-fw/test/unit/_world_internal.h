/** What the world's files share with each other: the platform's answers, and the line to the cart. */
#ifndef CARTWRIGHT_TEST_WORLD_INTERNAL_H
#define CARTWRIGHT_TEST_WORLD_INTERNAL_H

#include "_world.h"

/** What the world itself relies on. Where it does not hold the program ends: checks count in the file that makes them. */
#define MUST(holds) world_must((holds), #holds, __FILE__, __LINE__)
void world_must(bool holds, const char *what, const char *file, int line);

/** Statements of the vectors, and whom they are for. */
typedef struct {
  fw_bytes beacon;
  fw_bytes attestation;
  fw_bytes cell_key;
  uint8_t nonce[16];
  uint8_t root[65];
} world_statements;
const world_statements *world_read_statements(void);

/** An event that answers an effect, behind those that wait. */
cart_event *world_push(world *w, cart_event_kind kind);

/* _world_platform.c */
fw_buffer world_answer_buffer(world *w);
void world_put_key(fw_buffer *out, unsigned key);
void world_put_nonce(fw_buffer *out);
void world_reply(world *w, uint16_t status, const fw_buffer *body);
void world_reply_refusal(world *w, const char *code, uint16_t status, uint32_t expected);
void world_reply_renumber(world *w, uint32_t expected);
/** The request on the wire, and what comes of it. */
void world_deliver(world *w, msg_kind message, fw_bytes body);

/* _world_session.c */
size_t world_take_events(cbor_reader *reader, world_event *to, size_t room);
void world_in_session(world *w, msg_kind message, fw_bytes payload, cbor_reader *reader, uint32_t boot, uint32_t seq);

#endif
