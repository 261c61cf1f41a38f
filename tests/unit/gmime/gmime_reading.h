#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One entity of a message, as GMime reads it. */
struct gmime_entity {
  int depth;              /* the message's own root: 0 */
  const char* type;       /* as written */
  const char* subtype;    /* as written */
  long long header_begin; /* octets from the message's first; -1: it has no fields */
  long long body_begin;   /* of entities without children; -1 for others */
  long long body_end;
};

/* Visits the entities, parents before their children, siblings in order. 0 if GMime does not take it for a message. */
int gmime_read(const char* octets, size_t size, void (*visit)(void* whose, const struct gmime_entity*), void* whose);

#ifdef __cplusplus
}
#endif
