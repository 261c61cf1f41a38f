#include "data_reader.hpp"

#include <algorithm>

namespace mailpod::smtp {

namespace {

bool ends_a_run(char octet) {
  return octet == '\r' || octet == '\n' || octet == '\0';
}

}  // namespace

std::size_t DataReader::take(std::string_view octets, std::string& out) {
  std::size_t at = 0;
  while (at < octets.size() && !ended()) {
    if (state_ == State::text) {
      const auto* const begin = octets.begin() + at;
      const auto* const end = std::find_if(begin, octets.end(), ends_a_run);
      if (fault_ == Fault::none) out.append(begin, end);
      at = static_cast<std::size_t>(end - octets.begin());
      if (at == octets.size()) break;
    }
    step(octets[at++], out);
  }
  return at;
}

void DataReader::fail(Fault fault) {
  if (fault_ == Fault::none) fault_ = fault;
}

void DataReader::step(char octet, std::string& out) {
  const auto write = [&](std::string_view written) {
    if (fault_ == Fault::none) out.append(written);
  };
  if (octet == '\0') fail(Fault::nul);

  if (octet == '\n') {
    switch (state_) {
      case State::dot_cr:
        state_ = State::ended;
        return;
      case State::cr:
        write("\r\n");
        state_ = State::line_start;
        return;
      default:
        fail(Fault::bare_lf);
        state_ = State::text;
        return;
    }
  }

  if (state_ == State::cr || state_ == State::dot_cr) fail(Fault::bare_cr);
  if (octet == '\r') {
    state_ = state_ == State::dot ? State::dot_cr : State::cr;
  } else if (octet == '.' && state_ == State::line_start) {
    state_ = State::dot;
  } else {
    // After the first dot of a line the second one, or whatever stands there, is the line's first octet.
    write(std::string_view(&octet, 1));
    state_ = State::text;
  }
}

}  // namespace mailpod::smtp
