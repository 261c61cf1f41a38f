#include <sys/resource.h>

#include "checks.hpp"

namespace mailpod::daemon {

void check_memory(Findings& findings) {
  rlimit limit{};
  constexpr rlim_t wanted = rlim_t{8} * 1024 * 1024;  // octets: some 250,000 keys
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < wanted) {
    findings.note("only " + std::to_string(limit.rlim_cur / 1024) + " KiB of memory may be locked for keys",
                  "raise it for many open vaults: LimitMEMLOCK= in the unit, or `ulimit -l`");
  } else {
    findings.ok("memory for keys may be locked");
  }
}

}  // namespace mailpod::daemon
