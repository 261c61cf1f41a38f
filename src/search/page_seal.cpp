#include "page_seal.hpp"

#include <algorithm>
#include <array>

#include <mailpod/crypto/seal.hpp>

namespace mailpod::search {
namespace {

constexpr std::string_view key_label = "mailpod/v1/search-database";
constexpr std::string_view page_label = "mailpod/v1/search-page";
constexpr std::size_t sealed_octets = PageSeal::text_octets + crypto::tag_size;

static_assert(PageSeal::reserved_octets == crypto::tag_size + crypto::nonce_size);

}  // namespace

PageSeal::PageSeal(const crypto::VaultKey& root, const DatabaseId& database, base::Entropy& entropy)
    : database_(database), key_(root.derive(base::Encoder().var(key_label).fixed(database).str())), entropy_(entropy) {}

std::string PageSeal::bound_to(std::uint64_t number) const {
  return base::Encoder().var(page_label).fixed(database_).u64(number).take();
}

void PageSeal::seal(std::uint64_t number, std::span<const char, page_octets> page,
                    std::span<char, page_octets> into) const {
  const auto nonce = entropy_.bytes<crypto::nonce_size>();
  crypto::seal_into(into.first(sealed_octets), key_, nonce, bound_to(number), {page.data(), text_octets});
  std::ranges::copy(base::octets(nonce), into.begin() + sealed_octets);
}

bool PageSeal::open(std::uint64_t number, std::span<char, page_octets> page) const {
  const std::string_view octets(page.data(), page.size());
  const auto nonce = *base::byte_array<crypto::nonce_size>(octets.substr(sealed_octets));
  const auto opened =
      crypto::open_into(page.first(text_octets), key_, nonce, bound_to(number), octets.substr(0, sealed_octets));
  std::ranges::fill(page.subspan(opened ? text_octets : 0), '\0');
  return opened.has_value();
}

}  // namespace mailpod::search
