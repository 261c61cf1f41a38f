#include "workplace.hpp"

namespace mailpod::daemon {

Workplace::Workplace() : disk_(base::make_linux_disk()), arena_(std::make_unique<crypto::KeyArena>()) {}

OpenPod::Machine Workplace::machine() const {
  return {*disk_, base::system_clock(), base::system_entropy(), base::silent_log(), *arena_};
}

}  // namespace mailpod::daemon
