// Any octets as a tag list, as a header and as a body: what is read is what stands there, and the canonical form does
// not depend on how a body is cut, is its own canonical form, and ignores what it promises to ignore.

#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/mailauth/dkim_signature.hpp>
#include <mailpod/mailauth/tag_list.hpp>

namespace {

using namespace mailpod;
using namespace mailpod::mailauth;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string canonical_body(Canonicalization how, std::string_view body, std::size_t step) {
  std::string out;
  CanonicalBody canonical(how, [&](std::string_view octets) { out += octets; });
  while (!body.empty()) {
    canonical.update(body.substr(0, step));
    body.remove_prefix(step < body.size() ? step : body.size());
  }
  canonical.finish();
  return out;
}

void examine_tags(std::string_view octets) {
  const auto list = TagList::parse(octets);
  if (!list) return;
  std::string again;
  for (const auto& tag : list->tags()) {
    require(list->find(tag.name) == &tag);
    require(octets.substr(tag.begin, tag.end - tag.begin).find(tag.value) != std::string_view::npos);
    again.append(tag.name).append("=").append(tag.value).append(";");
  }
  require(TagList::parse(again)->tags().size() == list->tags().size());
}

void examine_body(std::string_view body) {
  for (const auto how : {Canonicalization::simple, Canonicalization::relaxed}) {
    const std::string whole = canonical_body(how, body, SIZE_MAX);
    require(canonical_body(how, body, 1) == whole);
    require(canonical_body(how, body, 7) == whole);
    require(canonical_body(how, whole, SIZE_MAX) == whole);
    require(whole.empty() || whole.ends_with("\r\n"));
    require(canonical_body(how, whole + "\r\n", SIZE_MAX) == whole);
  }
  require(canonical_body(Canonicalization::relaxed, std::string(body) + " \r\n \t\r\n", SIZE_MAX) ==
          canonical_body(Canonicalization::relaxed, std::string(body) + "\r\n", SIZE_MAX));
}

/// As a header is split: a line that begins with white space continues the field, any other is not of it.
bool is_one_field(std::string_view octets) {
  for (std::size_t at = 0; at + 1 < octets.size(); ++at) {
    if (octets[at] == '\n' && octets[at + 1] != ' ' && octets[at + 1] != '\t') return false;
  }
  return true;
}

void examine_field(std::string_view octets) {
  if (!is_one_field(octets)) return;
  const std::string field = "N:" + std::string(octets);
  const std::string relaxed = canonical_field(Canonicalization::relaxed, field);
  require(canonical_field(Canonicalization::relaxed, relaxed) == relaxed);
  require(relaxed.find("  ") == std::string::npos && relaxed.find("\r\n") == relaxed.size() - 2);
}

void examine_message(std::string_view message) {
  static crypto::KeyArena arena;
  static const auto key = DkimKey::parse(Algorithm::ed25519_sha256, std::string(32, 's'), arena).value();
  const base::MemorySource source(message);
  const auto signable = SignableMessage::read(source);
  if (!signable) return;
  signable->author_domain();
  const auto fields = signable->signatures({{"pod.example", "s", key}}, base::from_seconds(1));
  require(fields.starts_with("DKIM-Signature: v=1;") && fields.ends_with("\r\n"));
  require(TagList::parse(std::string_view(fields).substr(15, fields.size() - 17)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  examine_tags(octets);
  examine_body(octets);
  examine_field(octets);
  examine_message(octets);
  return 0;
}
