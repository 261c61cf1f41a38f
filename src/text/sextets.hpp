#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mailpod::text {

/// Which value each character of an alphabet has.
class SextetTable {
public:
  constexpr explicit SextetTable(std::string_view alphabet) {
    for (auto& value : values_) value = -1;
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
      values_[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
  }
  /// -1 for a foreign character.
  constexpr int of(char character) const { return values_[static_cast<unsigned char>(character)]; }

private:
  std::array<std::int8_t, 256> values_{};
};

}  // namespace mailpod::text
