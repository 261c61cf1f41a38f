#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace mailpod::net {

/// Brings a call from any thread to a conversation's loop, and to nobody once the conversation may be gone.
///
/// Made, rung out and destroyed on that loop; only the rope crosses threads.
class Bell {
public:
  /// `rung` is called on `loop`; what it refers to outlives the bell.
  Bell(boost::asio::any_io_executor loop, std::function<void()> rung);
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  /// May be called from any thread, at any time, also after the bell is gone; many calls at once ring once.
  std::function<void()> rope() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::net
