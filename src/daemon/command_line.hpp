#pragma once

namespace mailpod::daemon {

/// Understands the arguments and runs the one subcommand they name. The process's exit status: 0 done, 1 refused,
/// 2 misused.
int run_command_line(int count, char** arguments);

}  // namespace mailpod::daemon
