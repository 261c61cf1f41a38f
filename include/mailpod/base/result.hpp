#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace mailpod {

/// An answer, or the reason why there is none.
///
/// Carries what a peer deserves to be told (no such mailbox, over quota, not a member). Each library has one
/// `enum class Errc` with its category; each protocol maps them to replies in one place. Failures of the machine
/// (disk, connection) are exceptions of type std::system_error and never travel in a Result.
template <class T>
using Result = boost::system::result<T>;

/// A Result that carries no value: done, or the reason why not.
using Status = boost::system::result<void>;

}  // namespace mailpod
