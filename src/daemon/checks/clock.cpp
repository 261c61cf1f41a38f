#include <sys/timex.h>

#include "checks.hpp"

namespace mailpod::daemon {

void check_clock(Findings& findings) {
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return findings.note("whether the clock is kept right cannot be known", "see that it is");
  if (answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return findings.note("nothing keeps the clock right, as far as the kernel knows",
                         "have systemd-timesyncd or chrony run: acts and charters are about time");
  findings.ok("the clock is kept right");
}

}  // namespace mailpod::daemon
