#include <mailpod/message/structure.hpp>

namespace mailpod::message {
namespace {

const Part* nth(const std::vector<Part>& children, std::uint32_t number) {
  return number >= 1 && number <= children.size() ? &children[number - 1] : nullptr;
}

/// The part called `number` of a message with this root entity. RFC 9051 §6.4.5.1: every message has at least one part
/// number; the only part of one that is no multipart is its body.
const Part* part_of_message(const Part& root, std::uint32_t number) {
  if (root.is_multipart()) return nth(root.children, number);
  return number == 1 ? &root : nullptr;
}

}  // namespace

const Part* part_for(const Structure& structure, std::span<const std::uint32_t> section) {
  if (section.empty()) return &structure.root;
  const Part* part = part_of_message(structure.root, section.front());
  for (const std::uint32_t number : section.subspan(1)) {
    if (part == nullptr) return nullptr;
    if (part->holds_message()) {
      part = part_of_message(part->children.front(), number);
    } else {
      part = nth(part->children, number);
    }
  }
  return part;
}

std::optional<Range> range_for(const Structure& structure, std::span<const std::uint32_t> section, SectionText what) {
  const Part* const part = part_for(structure, section);
  if (part == nullptr) return std::nullopt;
  if (what == SectionText::content) return section.empty() ? Range{0, structure.size} : part->body;
  if (what == SectionText::mime) return section.empty() ? std::nullopt : std::optional(part->header);
  const Part* message = section.empty() ? part : nullptr;
  if (!section.empty() && part->holds_message()) message = &part->children.front();
  if (message == nullptr) return std::nullopt;
  return what == SectionText::header ? message->header : message->body;
}

}  // namespace mailpod::message
