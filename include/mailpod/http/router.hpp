#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/http/message.hpp>
#include <mailpod/net/stream.hpp>

namespace mailpod::http {

/// One request as the one who answers it sees it. Borrowed until the answer is there.
struct Visit {
  const Request& request;
  std::vector<std::string> captured;  ///< what stands where the route's path has names, in their order
  net::Endpoint peer;
  net::TlsInformation tls;  ///< empty fields where it came in clear
};

/// Answers a request. What it throws becomes 500. Runs on the connection's loop, so what blocks belongs on a pool.
using Responder = std::function<boost::asio::awaitable<Response>(const Visit&)>;

/// A row of the table of contents: what is asked for by which method under which path.
///
/// A path is literal segments and names: `{tile}` is one segment, whatever it is, and `{tile...}` as the last one is
/// all that follow, at least one. A GET answers HEAD as well.
struct Route {
  Method method;
  std::string_view path;  ///< lives as long as the program
  Responder respond;
};

/// The table; the first row that fits is meant. Immutable; any thread.
class Router {
public:
  /// Throws std::invalid_argument for a path that is none.
  explicit Router(std::vector<Route> routes);

  struct Found {
    const Route* route = nullptr;  ///< nullptr: none
    std::vector<std::string> captured;
    std::string allowed;  ///< where the path is known, and not by this method: for Allow. RFC 9110 §10.2.1
  };
  Found find(Method method, const Path& path) const;

private:
  struct Row {
    Route route;
    std::vector<std::string> segments;
  };
  std::vector<Row> rows_;
};

}  // namespace mailpod::http
