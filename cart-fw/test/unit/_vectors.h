/* The project's test vectors (protocol/vectors, one flat JSON object a line) as a C test reads them. */
#ifndef CARTWRIGHT_TEST_VECTORS_H
#define CARTWRIGHT_TEST_VECTORS_H

#include <stdio.h>

#include "bytes.h"

#define VECTOR_LINE_MAX 65536u
#define VECTOR_BYTES_MAX 32768u
#define VECTOR_TEXT_MAX 256u

typedef struct {
  FILE *file;
  char line[VECTOR_LINE_MAX];
} vectors;

/* Opens protocol/vectors/<name>; ends the program when it can't. */
void vectors_open(vectors *v, const char *name);
/* The next vector; false behind the last one, when the file is closed. */
int vectors_next(vectors *v);
/* The text of a member, e.g. "name"; the first of that name in the line. Empty when there is none. */
const char *vectors_text(const vectors *v, const char *member, char text[VECTOR_TEXT_MAX]);
/* The bytes of a member of hex digits. `storage` holds VECTOR_BYTES_MAX. */
fw_bytes vectors_bytes(const vectors *v, const char *member, uint8_t *storage);
/* Whether the member is the literal true. */
int vectors_is_true(const vectors *v, const char *member);
/* The number of a member, the first of that name in the line; 0 when there is none. */
uint64_t vectors_number(const vectors *v, const char *member);
/* Whether the message of the line is one of a session. */
int vectors_has_session(const vectors *v);
/* The public point of a name in keys.json. */
void vectors_point(const char *name, uint8_t point[65]);

#endif
