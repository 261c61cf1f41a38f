#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>

#include <mailpod/base/bytes.hpp>

namespace mailpod {

/// Who a member (or guest) is, for ever: 128 random bits drawn at admission. Addresses and names may change; this does not.
/// Written as 32 lower-case hexadecimal digits, also as the name of the member's folder.
struct MemberId {
  base::ByteArray<16> bytes{};

  std::string str() const { return base::hex(base::octets(bytes)); }
  static std::optional<MemberId> parse(std::string_view digits) {
    const auto raw = base::unhex(digits);
    if (!raw || base::hex(*raw) != digits) return std::nullopt;
    const auto id = base::byte_array<16>(*raw);
    if (!id) return std::nullopt;
    return MemberId{*id};
  }
  friend auto operator<=>(const MemberId&, const MemberId&) = default;
};

}  // namespace mailpod

template <>
struct std::hash<mailpod::MemberId> {
  std::size_t operator()(const mailpod::MemberId& id) const noexcept {
    return std::hash<std::string_view>{}(mailpod::base::octets(id.bytes));
  }
};
