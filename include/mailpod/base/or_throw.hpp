#pragma once

#include <system_error>
#include <type_traits>
#include <utility>

#include <mailpod/base/result.hpp>

namespace mailpod {

/// What it holds; or its error as std::system_error, where nothing but the machine can be the reason. (value() throws
/// boost::system::system_error, which is none, and passes by whoever catches failures of the machine.)
template <class T>
T or_throw(Result<T> result) {
  if (result.has_error()) throw std::system_error(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace mailpod
