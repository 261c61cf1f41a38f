#include "part_encoder.hpp"

#include <algorithm>
#include <utility>

#include <mailpod/text/base64.hpp>

namespace mailpod::message {

namespace {

constexpr std::size_t line_octets = 57;  // become 76 characters

}  // namespace

void Base64Lines::write_line(std::string_view octets, std::string& out) {
  if (std::exchange(has_written_, true)) out += "\r\n";
  out += text::write_base64(octets);
}

void Base64Lines::encode(std::string_view piece, std::string& out) {
  if (!held_.empty()) {
    const std::size_t wanted = std::min(line_octets - held_.size(), piece.size());
    held_ += piece.substr(0, wanted);
    piece.remove_prefix(wanted);
    if (held_.size() < line_octets) return;
    write_line(held_, out);
    held_.clear();
  }
  for (; piece.size() >= line_octets; piece.remove_prefix(line_octets)) write_line(piece.substr(0, line_octets), out);
  held_ = piece;
}

void Base64Lines::finish(std::string& out) {
  if (!held_.empty()) write_line(held_, out);
  held_.clear();
}

PartEncoder::PartEncoder(Encoding encoding) {
  if (encoding == Encoding::base64) encoder_.emplace<Base64Lines>();
}

void PartEncoder::encode(std::string_view piece, std::string& out) {
  std::visit([&](auto& encoder) { encoder.encode(piece, out); }, encoder_);
}

void PartEncoder::finish(std::string& out) {
  std::visit([&](auto& encoder) { encoder.finish(out); }, encoder_);
}

}  // namespace mailpod::message
