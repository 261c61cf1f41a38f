#include <mailpod/net/stint.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailpod::net {

boost::asio::awaitable<void> Stint::pause() {
  co_await boost::asio::post(stream_.executor(), boost::asio::use_awaitable);
  begin_anew();
}

}  // namespace mailpod::net
