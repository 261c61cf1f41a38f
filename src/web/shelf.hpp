#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <mailpod/http/message.hpp>

namespace mailpod::web {

/// Answers that never change, as many as fit; who came first goes first. Any thread.
class Shelf {
public:
  /// `room`: octets, with what each costs beside its content.
  explicit Shelf(std::size_t room) : room_(room) {}

  /// nullptr if it is not there.
  std::shared_ptr<const http::Response> find(const std::string& path) const;
  /// What is larger than an eighth of the room is not kept.
  void put(const std::string& path, const http::Response& response);

private:
  static std::size_t cost(const std::string& path, const http::Response& response);

  const std::size_t room_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const http::Response>, std::less<>> kept_;
  std::deque<std::string> order_;
  std::size_t used_ = 0;
};

}  // namespace mailpod::web
