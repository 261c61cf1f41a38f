/* The only file that sees GMime's headers, whose macros are not C++ as ours is written. */
#include "gmime_reading.h"

#include <gmime/gmime.h>

struct visitor {
  void (*visit)(void*, const struct gmime_entity*);
  void* whose;
};

static long long first_field(GMimeHeaderList* headers, long long first) {
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    const long long at = g_mime_header_get_offset(g_mime_header_list_get_header_at(headers, i));
    if (at >= 0 && (first < 0 || at < first)) first = at;
  }
  return first;
}

static void read_entity(GMimeObject* object, long long header_begin, int depth, const struct visitor* visitor) {
  GMimeContentType* type = g_mime_object_get_content_type(object);
  struct gmime_entity entity = {depth, g_mime_content_type_get_media_type(type),
                                g_mime_content_type_get_media_subtype(type),
                                first_field(g_mime_object_get_header_list(object), header_begin), -1, -1};
  if (GMIME_IS_PART(object)) {
    GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(object));
    if (content != NULL) {
      /* The parser's own stream, narrowed to the body: nothing is decoded yet. */
      GMimeStream* stream = g_mime_data_wrapper_get_stream(content);
      entity.body_begin = stream->bound_start;
      entity.body_end = stream->bound_end;
    }
  }
  visitor->visit(visitor->whose, &entity);
  if (GMIME_IS_MULTIPART(object)) {
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); ++i)
      read_entity(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), -1, depth + 1, visitor);
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    /* A message keeps what is not Content-… apart from its root entity. */
    if (inner != NULL && g_mime_message_get_mime_part(inner) != NULL)
      read_entity(g_mime_message_get_mime_part(inner), first_field(g_mime_object_get_header_list(GMIME_OBJECT(inner)), -1),
                  depth + 1, visitor);
  }
}

int gmime_read(const char* octets, size_t size, void (*visit)(void* whose, const struct gmime_entity*), void* whose) {
  static gboolean begun = FALSE;
  if (!begun) g_mime_init();
  begun = TRUE;
  GMimeStream* stream = g_mime_stream_mem_new_with_buffer(octets, size);
  GMimeParser* parser = g_mime_parser_new_with_stream(stream);
  g_mime_parser_set_persist_stream(parser, TRUE);
  GMimeMessage* message = g_mime_parser_construct_message(parser, NULL);
  const int read = message != NULL && g_mime_message_get_mime_part(message) != NULL;
  if (read) {
    const struct visitor visitor = {visit, whose};
    read_entity(g_mime_message_get_mime_part(message), first_field(g_mime_object_get_header_list(GMIME_OBJECT(message)), -1), 0,
                &visitor);
  }
  if (message != NULL) g_object_unref(message);
  g_object_unref(parser);
  g_object_unref(stream);
  return read;
}
