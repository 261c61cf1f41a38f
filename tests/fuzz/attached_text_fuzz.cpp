#include <cstdint>
#include <cstdlib>

#include <mailpod/message/attached_text.hpp>
#include <mailpod/text/unicode.hpp>

// The text of attachments: whatever the octets, what comes is well-formed, within the budget, and the same however they
// are cut. The first octet chooses the form.
namespace {

using namespace mailpod;

struct Reading {
  std::string text;
  message::AttachmentBudget left;
};

constexpr message::AttachmentBudget budget{.octets = 1 << 20, .unpacked = 1 << 20, .files = 50};

Reading read(message::AttachedForm form, std::string_view octets, std::size_t piece) {
  message::Part part;
  part.transfer_encoding = "binary";
  Reading reading{{}, budget};
  message::AttachedText text(form, part, reading.left);
  while (!octets.empty() && !text.is_over()) {
    const auto given = octets.substr(0, piece);
    const auto come = text.feed(given);
    if (!text::is_utf8(come)) std::abort();
    reading.text += come;
    octets.remove_prefix(given.size());
  }
  reading.text += text.finish();
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto form = static_cast<message::AttachedForm>(data[0] % 4);
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(form, octets, octets.size() + 1);
  const auto parted = read(form, octets, 7);
  if (!text::is_utf8(whole.text) || whole.text != parted.text) std::abort();
  if (whole.left.unpacked != parted.left.unpacked || whole.left.files != parted.left.files) std::abort();
  const auto come_in = octets.size() + (budget.unpacked - whole.left.unpacked);
  if (whole.text.size() > 3 * come_in + 4 * std::size_t{budget.files}) std::abort();
  return 0;
}
