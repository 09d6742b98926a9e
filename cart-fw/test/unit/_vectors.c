#include "_vectors.h"

#include <stdlib.h>
#include <string.h>

void vectors_open(vectors *v, const char *name)
{
  char path[512];
  (void)snprintf(path, sizeof path, "%s/protocol/vectors/%s", CARTWRIGHT_ROOT, name);
  v->file = fopen(path, "r");
  if (v->file == NULL) {
    (void)fprintf(stderr, "can't read %s\n", path);
    exit(2);
  }
}

int vectors_next(vectors *v)
{
  while (fgets(v->line, sizeof v->line, v->file) != NULL) {
    if (v->line[0] == ' ') {
      return 1;
    }
  }
  (void)fclose(v->file);
  return 0;
}

static const char *value_of(const vectors *v, const char *member)
{
  char key[VECTOR_TEXT_MAX];
  (void)snprintf(key, sizeof key, "\"%s\":", member);
  const char *found = strstr(v->line, key);
  return found == NULL ? "" : found + strlen(key);
}

const char *vectors_text(const vectors *v, const char *member, char text[VECTOR_TEXT_MAX])
{
  const char *value = value_of(v, member);
  size_t size = 0;
  for (const char *c = value + 1; *value == '"' && *c != '"' && size < VECTOR_TEXT_MAX - 1u; c++) {
    text[size] = *c;
    size++;
  }
  text[size] = '\0';
  return text;
}

fw_bytes vectors_bytes(const vectors *v, const char *member, uint8_t *storage)
{
  const char *hex = value_of(v, member);
  size_t size = 0;
  unsigned byte = 0;
  for (hex++; size < VECTOR_BYTES_MAX && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
    storage[size] = (uint8_t)byte;
    size++;
  }
  return fw_bytes_view(storage, size);
}

int vectors_is_true(const vectors *v, const char *member)
{
  return strncmp(value_of(v, member), "true", 4) == 0;
}

uint64_t vectors_number(const vectors *v, const char *member)
{
  return strtoull(value_of(v, member), NULL, 10);
}

int vectors_has_session(const vectors *v)
{
  return *value_of(v, "session") == '"';
}

void vectors_point(const char *name, uint8_t point[65])
{
  static vectors keys;
  static uint8_t bytes[VECTOR_BYTES_MAX];
  char found[VECTOR_TEXT_MAX];
  int known = 0;
  vectors_open(&keys, "keys.json");
  while (vectors_next(&keys)) {
    if (strcmp(vectors_text(&keys, "name", found), name) == 0) {
      memcpy(point, vectors_bytes(&keys, "point", bytes).data, 65);
      known = 1;
    }
  }
  if (!known) {
    (void)fprintf(stderr, "no key %s\n", name);
    exit(2);
  }
}
