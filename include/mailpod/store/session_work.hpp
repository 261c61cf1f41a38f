#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <mailpod/store/error.hpp>
#include <mailpod/store/vaults.hpp>

/// What a session does with its vault, from its own loop: reads on the pool, changes on the lane. `work` returns a
/// Result or a Status; what the machine fails at becomes its error. The vault stays open meanwhile.
namespace mailpod::store {

/// The row of a table whose `error` this is, which may have travelled through a std::system_error; nullptr: none.
template <class Rows>
const auto* row_for(const Rows& rows, const boost::system::error_code& error) {
  const auto* found = std::ranges::find_if(rows, [&](const auto& row) {
    return static_cast<std::error_code>(row.error) == static_cast<std::error_code>(error);
  });
  return found == std::end(rows) ? nullptr : found;
}

/// The vault was closed under the session, which ends.
inline bool ends_session(const boost::system::error_code& error) {
  return static_cast<std::error_code>(error) == static_cast<std::error_code>(make_error_code(Errc::closed));
}

/// `work`'s answer, failures of the machine included.
template <class F>
std::invoke_result_t<F&> guarded(F& work) {
  try {
    return work();
  } catch (const std::system_error& failure) {
    return boost::system::error_code(failure.code());
  }
}

template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> on_pool(std::shared_ptr<OpenVault> open, F work) {
  const auto safe = [&work] { return guarded(work); };
  auto pending = open->pool().run(safe);
  co_return co_await std::move(pending);
}

template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> on_lane(std::shared_ptr<OpenVault> open, F work) {
  const auto safe = [&work] { return guarded(work); };
  auto pending = open->lane().run(safe);
  co_return co_await std::move(pending);
}

}  // namespace mailpod::store
