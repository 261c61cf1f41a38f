#include <mailpod/net/output.hpp>

#include <algorithm>
#include <utility>

namespace mailpod::net {

boost::asio::awaitable<void> Output::flush() {
  constexpr std::size_t one_write = 64 * 1024;  // each has its own deadline
  const std::string text = std::exchange(text_, {});
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto piece = rest.substr(0, one_write);
    co_await stream_.write(piece);
    rest.remove_prefix(piece.size());
  }
}

boost::asio::awaitable<void> Output::flush_if_large() {
  if (text_.size() >= large_) co_await flush();
  if (stint_.is_over()) co_await stint_.pause();
}

}  // namespace mailpod::net
