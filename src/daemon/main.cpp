// mailpod: the daemon (`mailpod serve`), and everyone's command line (`mailpod --help`).

#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

#include <mailpod/base/freed_memory.hpp>

#include "command_line.hpp"

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  mailpod::base::keep_few_heaps();
  try {
    return mailpod::daemon::run_command_line(count, arguments);
  } catch (const std::system_error& failure) {
    // Whoever reads our output has seen enough, as in `mailpod member list | head`.
    if (failure.code() == std::errc::broken_pipe) return 1;
    std::fprintf(stderr, "mailpod: %s; mend what the machine reports, then try again\n", failure.what());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "mailpod: %s\n", failure.what());
  }
  return 1;
}
