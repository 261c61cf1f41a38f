#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/structure.hpp>

#include "part_encoder.hpp"

namespace mailpod::message {

/// One change of a message: what stands in `place` instead, text or the place's own octets encoded.
struct Change {
  Range place;
  std::string text{};
  std::optional<Encoding> encoding{};
};

/// A message with changes, made while it is read. Keeps the changes and, of the body that is being encoded, a block.
class ConvertedSource final : public base::OctetSource {
public:
  /// `changes` in order, without overlap, within the message, which is borrowed. Encodes each body once, for its size.
  ConvertedSource(const base::OctetSource& message, std::vector<Change> changes);

  std::uint64_t size() const override { return size_; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override;

private:
  /// A stretch of what comes out: of the message as it is, or a change.
  struct Piece {
    std::uint64_t begin = 0;  ///< of what comes out
    std::uint64_t size = 0;
    Change change;  ///< neither text nor encoding: the message's own octets
  };
  /// How far the encoding of one piece has come.
  struct Progress {
    const Piece* piece = nullptr;
    std::uint64_t read = 0;   ///< where in the message the next block begins
    std::uint64_t begin = 0;  ///< of `block`, within the piece
    std::string block;        ///< encoded
    PartEncoder encoder;
  };

  void add(Change change, std::uint64_t size);
  std::uint64_t encoded_size(const Change& change) const;
  /// Replaces progress.block by the next one; false behind the last.
  bool encode_block(Progress& progress) const;
  std::size_t read_piece(const Piece& piece, std::uint64_t from, std::span<char> into) const;
  std::size_t read_encoded(const Piece& piece, std::uint64_t from, std::span<char> into) const;

  const base::OctetSource& message_;
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
  mutable std::optional<Progress> progress_;
};

}  // namespace mailpod::message
