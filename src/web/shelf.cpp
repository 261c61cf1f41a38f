#include "shelf.hpp"

namespace mailpod::web {

std::size_t Shelf::cost(const std::string& path, const http::Response& response) {
  constexpr std::size_t entry = 1024;  // octets of a response with its fields and its place here, about
  return entry + 2 * path.size() + response.content.size();
}

std::shared_ptr<const http::Response> Shelf::find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(path);
  return found == kept_.end() ? nullptr : found->second;
}

void Shelf::put(const std::string& path, const http::Response& response) {
  const auto needed = cost(path, response);
  if (needed > room_ / 8) return;
  auto copy = std::make_shared<const http::Response>(response);
  const std::lock_guard lock(mutex_);
  auto& place = kept_[path];
  if (place != nullptr) {
    used_ -= cost(path, *place);
  } else {
    order_.push_back(path);
  }
  place = std::move(copy);
  used_ += needed;
  while (used_ > room_) {
    const auto oldest = kept_.find(order_.front());
    used_ -= cost(oldest->first, *oldest->second);
    kept_.erase(oldest);
    order_.pop_front();
  }
}

}  // namespace mailpod::web
