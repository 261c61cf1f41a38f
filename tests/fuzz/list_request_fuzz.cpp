// Any octets as what follows LIST, and as annotations: whatever is read keeps within its limits, and an annotation that
// is written is read as it was.

#include <cstdlib>
#include <string_view>

#include "../../src/imap/annotation.hpp"
#include "../../src/imap/list_request.hpp"

namespace {

using namespace mailpod;

void list(std::string_view octets, const imap::Dialect& dialect) {
  text::Cursor in(octets);
  const auto parsed = imap::parse_list_request(in, dialect);
  if (parsed.has_error()) return;
  if (parsed->patterns.empty() || parsed->patterns.size() > 32 || parsed->returned.status.size() > 16) std::abort();
  if (parsed->selection.recursive_match && !parsed->selection.any()) std::abort();
}

void annotate(std::string_view octets, const imap::Dialect& dialect) {
  text::Cursor in(octets);
  const auto entries = imap::parse_entries(in, dialect);
  if (entries.has_value()) {
    for (const auto& entry : *entries) {
      if (!entry.starts_with("/private/") && !entry.starts_with("/shared/")) std::abort();
    }
  }
  std::string written;
  imap::write_annotation_value(written, octets);
  text::Cursor again(written);
  const auto value = imap::parse_annotation_value(again);
  if (value.has_error() || !again.at_end() || *value != std::string(octets)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size > 4'000) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const imap::Settings settings;
  imap::Dialect dialect{settings};
  list(octets, dialect);
  annotate(octets, dialect);
  dialect.enabled.imap4rev2 = true;
  list(octets, dialect);
  return 0;
}
