#include "frame.hpp"

#include <span>

#include <mailpod/crypto/seal.hpp>
#include <mailpod/journal/journal.hpp>

namespace mailpod::journal {
namespace {

constexpr std::string_view magic = "MREC";
static_assert(frame_head + plain_head + max_payload + frame_tag == max_frame);

/// The design's owner|segment|length|sequence, and the offset: read() finds a record by its place alone, so the seal
/// must prove that it belongs there (docs/decisions/0010).
std::string associated(const Binding& binding, std::uint64_t offset, const FrameHead& head) {
  base::Encoder out;
  out.var("mailpod/v1/record").var(binding.owner).u32(binding.segment).u64(offset).u32(head.length).u64(head.sequence);
  return out.take();
}

}  // namespace

std::string seal_frame(const Binding& binding, base::Entropy& entropy, std::uint64_t offset, std::uint64_t sequence,
                       const FrameContent& content, Tag& tag) {
  const FrameHead head{static_cast<std::uint32_t>(plain_head + content.payload.size()), sequence};
  const auto nonce = entropy.bytes<crypto::nonce_size>();
  base::Encoder out;
  out.fixed(magic).u32(head.length).u64(sequence).fixed(nonce);
  out.fixed(content.previous).u8(content.marks).u8(content.type).fixed(content.payload);
  std::string frame = out.take();
  frame.resize(frame_size(content.payload.size()), '\0');
  const std::span<char> sealed(frame.data() + frame_head, head.length + frame_tag);
  crypto::seal_into(sealed, binding.key, nonce, associated(binding, offset, head),
                    std::string_view(frame).substr(frame_head, head.length));
  tag = *base::byte_array<16>(std::string_view(frame).substr(frame_head + head.length, frame_tag));
  return frame;
}

std::optional<FrameHead> parse_frame_head(std::string_view octets) {
  base::Decoder in(octets);
  if (in.fixed(magic.size()) != magic) return std::nullopt;
  FrameHead head{};
  head.length = in.u32();
  head.sequence = in.u64();
  if (!in.ok() || head.length < plain_head || head.length > plain_head + max_payload) return std::nullopt;
  return head;
}

std::optional<OpenedFrame> open_frame(const Binding& binding, std::uint64_t offset, std::string_view octets) {
  const auto head = parse_frame_head(octets);
  if (!head || octets.size() != head->sealed_size()) return std::nullopt;
  const auto nonce = base::byte_array<crypto::nonce_size>(octets.substr(16, crypto::nonce_size));
  OpenedFrame frame{};
  frame.plain.resize(head->length);
  const auto opened = crypto::open_into(frame.plain, binding.key, *nonce, associated(binding, offset, *head),
                                        octets.substr(frame_head));
  if (!opened) return std::nullopt;
  frame.sequence = head->sequence;
  frame.tag = *base::byte_array<16>(octets.substr(frame_head + head->length, frame_tag));
  base::Decoder in(frame.plain);
  frame.previous = in.fixed<16>();
  frame.marks = in.u8();
  frame.type = in.u8();
  return frame;
}

}  // namespace mailpod::journal
