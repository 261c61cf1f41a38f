#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>

/// One record as it stands in a segment. docs/storage-format.md, "record frame". Stored: never change.
///
///     'MREC' | u32 length | u64 sequence | 24 nonce | ciphertext | 16 tag | zeros up to a multiple of 64
///     plaintext: 16 tag of the record before | u8 marks | u8 type | payload
namespace mailpod::journal {

using Tag = base::ByteArray<16>;

inline constexpr std::uint64_t alignment = 64;
inline constexpr std::size_t frame_head = 40;  ///< up to the ciphertext
inline constexpr std::size_t frame_tag = 16;
inline constexpr std::size_t plain_head = 18;  ///< previous tag, marks, type
inline constexpr std::size_t max_frame = 64 * 1024;

/// Types of the journal's own records. Stored: never renumber.
inline constexpr std::uint8_t type_checkpoint = 1;
inline constexpr std::uint8_t type_close = 2;

/// Which records were committed together. Stored.
inline constexpr std::uint8_t mark_begins = 1;
inline constexpr std::uint8_t mark_ends = 2;

constexpr std::uint64_t aligned(std::uint64_t octets) {
  return (octets + alignment - 1) / alignment * alignment;
}
/// What a record with so much payload takes in the segment, padding included.
constexpr std::uint64_t frame_size(std::size_t payload) {
  return aligned(frame_head + plain_head + payload + frame_tag);
}

/// What a segment's seals are bound to.
struct Binding {
  const crypto::Key& key;
  std::string_view owner;
  std::uint32_t segment;
};

struct FrameContent {
  Tag previous{};
  std::uint8_t marks = 0;
  std::uint8_t type = 0;
  std::string_view payload;
};

/// The frame as it will stand at `offset`, padding included; `tag` takes its seal's tag.
std::string seal_frame(const Binding& binding, base::Entropy& entropy, std::uint64_t offset, std::uint64_t sequence,
                       const FrameContent& content, Tag& tag);

/// The unauthenticated first octets of a frame.
struct FrameHead {
  std::uint32_t length;  ///< of the ciphertext
  std::uint64_t sequence;
  std::size_t sealed_size() const { return frame_head + length + frame_tag; }
};
/// Nothing if these octets cannot begin a frame. Looks at the first 16 of them.
std::optional<FrameHead> parse_frame_head(std::string_view octets);

/// A frame that opened.
struct OpenedFrame {
  std::uint64_t sequence;
  Tag tag{};
  Tag previous{};
  std::uint8_t marks;
  std::uint8_t type;
  std::string plain;  ///< the payload begins at plain_head
  std::string_view payload() const { return std::string_view(plain).substr(plain_head); }
};
/// Opens `octets`, which are FrameHead::sealed_size() long; nothing if they are not what was sealed for this place.
std::optional<OpenedFrame> open_frame(const Binding& binding, std::uint64_t offset, std::string_view octets);

}  // namespace mailpod::journal
