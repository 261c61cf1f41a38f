#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"

namespace mailpod::daemon {

/// What a reload makes of the configuration in force and the one that the file has now.
struct Difference {
  Configuration next;                     ///< in force from now on
  std::vector<std::string> changed;       ///< `section.name` of each setting that counts at once, in the file's order
  std::vector<std::string> need_restart;  ///< of each that differs and stays as it is in force
};

/// Pure.
Difference difference_of(const Configuration& in_force, const Configuration& wanted);

}  // namespace mailpod::daemon
