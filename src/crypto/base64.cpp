#include "base64.hpp"

#include "sodium.hpp"

namespace mailpod::crypto {

namespace {

int variant_for(Padding padding) {
  return padding == Padding::required ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

}  // namespace

std::string write_base64(std::string_view octets, Padding padding) {
  const auto with_terminator = sodium_base64_encoded_len(octets.size(), variant_for(padding));
  std::string text(with_terminator, '\0');
  sodium_bin2base64(text.data(), text.size(), raw(octets), octets.size(), variant_for(padding));
  text.resize(text.find('\0'));
  return text;
}

std::optional<std::string> parse_base64(std::string_view text, Padding padding) {
  if (padding == Padding::required && text.size() % 4 != 0) return std::nullopt;
  std::string octets(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(raw(octets.data()), octets.size(), text.data(), text.size(), nullptr, &length, &end,
                        variant_for(padding)) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  octets.resize(length);
  // libsodium takes some octets above 127 for letters; one value has one spelling.
  if (write_base64(octets, padding) != text) return std::nullopt;
  return octets;
}

}  // namespace mailpod::crypto
