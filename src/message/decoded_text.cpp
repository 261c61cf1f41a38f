#include <mailpod/message/decoded_text.hpp>

#include <algorithm>
#include <variant>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/quoted_printable.hpp>
#include <mailpod/text/unicode.hpp>

#include "block_converter.hpp"

namespace mailpod::message {
namespace {

/// 7bit, 8bit, binary and everything unknown.
struct Identity {
  static void decode(std::string_view piece, std::string& out) { out += piece; }
  void finish(std::string&) {}
};

using TransferDecoder = std::variant<Identity, text::Base64Decoder, text::QuotedPrintableDecoder>;

TransferDecoder decoder_for(std::string_view transfer_encoding) {
  const auto name = text::trim(transfer_encoding);
  if (text::equal_fold(name, "base64")) return text::Base64Decoder();
  if (text::equal_fold(name, "quoted-printable")) return text::QuotedPrintableDecoder();
  return Identity();
}

}  // namespace

class DecodedOctets::State {
public:
  explicit State(std::string_view transfer_encoding) : decoder_(decoder_for(transfer_encoding)) {}

  std::string feed(std::string_view octets) {
    std::string out;
    std::visit([&](auto& decoder) { decoder.decode(octets, out); }, decoder_);
    return out;
  }
  std::string finish() {
    std::string out;
    std::visit([&](auto& decoder) { decoder.finish(out); }, decoder_);
    return out;
  }

private:
  TransferDecoder decoder_;
};

DecodedOctets::DecodedOctets(std::string_view transfer_encoding) : state_(std::make_unique<State>(transfer_encoding)) {}
DecodedOctets::~DecodedOctets() = default;
DecodedOctets::DecodedOctets(DecodedOctets&&) noexcept = default;
DecodedOctets& DecodedOctets::operator=(DecodedOctets&&) noexcept = default;
std::string DecodedOctets::feed(std::string_view octets) {
  return state_->feed(octets);
}
std::string DecodedOctets::finish() {
  return state_->finish();
}

bool DecodedOctets::knows(std::string_view transfer_encoding) {
  static constexpr std::string_view known[] = {"7bit", "8bit", "binary", "quoted-printable", "base64"};
  const auto is_named = [named = text::trim(transfer_encoding)](std::string_view one) {
    return text::equal_fold(named, one);
  };
  return std::ranges::any_of(known, is_named);
}

class DecodedText::State {
public:
  State(std::string_view transfer_encoding, std::string_view charset)
      : octets_(transfer_encoding), converter_(charset) {}

  std::string feed(std::string_view octets) { return converter_.feed(octets_.feed(octets)); }
  std::string finish() {
    std::string out = converter_.feed(octets_.finish());
    return out + converter_.finish();
  }

private:
  DecodedOctets octets_;
  BlockConverter converter_;
};

DecodedText::DecodedText(std::string_view transfer_encoding, std::string_view charset)
    : state_(std::make_unique<State>(transfer_encoding, charset)) {}
DecodedText::~DecodedText() = default;
DecodedText::DecodedText(DecodedText&&) noexcept = default;
DecodedText& DecodedText::operator=(DecodedText&&) noexcept = default;
std::string DecodedText::feed(std::string_view octets) {
  return state_->feed(octets);
}
std::string DecodedText::finish() {
  return state_->finish();
}

DecodedText decoded_text_for(const Part& part) {
  const Parameter* const charset = find_parameter(part.parameters, "charset");
  return DecodedText(part.transfer_encoding, charset == nullptr ? std::string_view() : charset->value);
}

void for_each_text(const Part& root, const std::function<void(const Part&)>& visit) {
  if (root.type == "text") visit(root);
  for (const Part& child : root.children) for_each_text(child, visit);
}

}  // namespace mailpod::message
