#include "visitors.hpp"

#include <arpa/inet.h>

namespace mailpod::web {
namespace {

/// What is no IPv6 address is counted as it is written.
std::string neighbourhood_of(std::string_view address) {
  constexpr std::size_t network = 8;  // octets: the /64
  const std::string text(address);
  in6_addr octets{};
  if (::inet_pton(AF_INET6, text.c_str(), &octets) != 1) return text;
  std::string out;
  for (std::size_t i = 0; i < network; ++i) out += static_cast<char>(octets.s6_addr[i]);
  return out;
}

}  // namespace

std::unique_ptr<Visitors::Stay> Visitors::admit(std::string_view address) {
  std::string who = neighbourhood_of(address);
  {
    const std::lock_guard lock(mutex_);
    auto& count = present_[who];
    if (count >= most_of_one_) return nullptr;
    ++count;
  }
  return std::make_unique<Stay>(*this, std::move(who));
}

void Visitors::leave(const std::string& who) {
  const std::lock_guard lock(mutex_);
  const auto found = present_.find(who);
  if (--found->second == 0) present_.erase(found);
}

}  // namespace mailpod::web
