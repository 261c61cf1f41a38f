#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace mailpod::admin {

/// A file descriptor that is closed with its owner.
class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

private:
  int number_;
};

/// How long to wait for the other side.
struct Patience {
  std::chrono::steady_clock::time_point until;
  int stop = -1;  ///< a descriptor that becomes readable when nobody shall wait any longer
};

/// A stream socket bound to, or connected with, `folder`/control.sock, however long the folder's name is.
int listen_at(const std::string& folder);
/// -1 if nobody listens.
int connect_to(const std::string& folder);

/// One line without its LF; nothing if the peer closes first or the line is longer than `limit`. Throws
/// std::system_error (ETIMEDOUT when the time is over, ECANCELED when told to stop).
std::optional<std::string> read_line(int socket, std::size_t limit, const Patience& patience);
/// `line` and LF.
void write_line(int socket, std::string_view line, const Patience& patience);

/// The JSON of a line. A discarded value if it is none, or if lists and objects stand in each other more than 16 deep:
/// whoever walks through the value may do so by recursion.
nlohmann::json parse_message(std::string_view line);

}  // namespace mailpod::admin
