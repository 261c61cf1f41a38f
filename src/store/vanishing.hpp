#pragma once

#include <system_error>

namespace mailpod::store {

/// Does a step on a file, which may go meanwhile: then there is nothing to do.
template <class Step>
void unless_gone(Step step) {
  try {
    step();
  } catch (const std::system_error& failure) {
    if (failure.code() != std::errc::no_such_file_or_directory) throw;
  }
}

}  // namespace mailpod::store
