#include "privileges.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace mailpod::daemon {

void give_up_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "core dumps cannot be switched off");
  ::umask(077);
  std::signal(SIGPIPE, SIG_IGN);
}

void raise_open_files(std::uint64_t wanted, base::Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, limit.rlim_cur);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
    log.warning("limits open_files={} wanted={}", limit.rlim_cur, wanted);
}

std::uint64_t open_files() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

}  // namespace mailpod::daemon
