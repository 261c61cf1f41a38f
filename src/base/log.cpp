#include <mailpod/base/log.hpp>

namespace mailpod::base {

namespace {

class SilentLog final : public Log {
public:
  void write(Level, std::string_view) override {}
  bool wants(Level) const override { return false; }
};

}  // namespace

Log& silent_log() {
  static SilentLog log;
  return log;
}

std::string printable(std::string_view octets, std::size_t limit) {
  std::string out;
  for (const char octet : octets.substr(0, limit)) {
    // The backslash too, so that what a peer writes can never pass for an escape of ours.
    if (octet >= ' ' && octet <= '~' && octet != '\\') {
      out.push_back(octet);
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(octet));
    }
  }
  if (octets.size() > limit) out += "...";
  return out;
}

}  // namespace mailpod::base
