#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <mailpod/governance/error.hpp>

/// What commands read from people and tell them. Answers go to standard output, all else to standard error, so that a
/// script may read the one and a person both.
namespace mailpod::daemon {

/// One line of standard input. On a terminal it is asked for with `prompt` and not echoed. The caller wipes it.
/// Complains if there is none.
governance::Verdict<std::string> read_secret(const std::string& prompt);

/// For a pod whose server key is sealed; as read_secret.
governance::Verdict<std::string> ask_server_key_passphrase();
/// The same as one line of an open descriptor, which is closed then. The caller wipes it.
governance::Verdict<std::string> read_passphrase(int descriptor);
/// A new password, asked for twice. The caller wipes it. Complains if there is none, or the two differ.
governance::Verdict<std::string> read_new_password();

/// The next line of standard input, plain; nothing at its end.
bool read_line(std::string& line);

template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(stdout, format, std::forward<Args>(args)...);
}
template <class... Args>
void remark(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(stderr, format, std::forward<Args>(args)...);
}

/// `mailpod: file:line: what; remedy` to standard error. The exit status that goes with it.
int complain(const governance::Complaint& complaint);

}  // namespace mailpod::daemon
