// What a pod is started with. Any octets as mailpod.toml. A complaint names the file, a line of it and a remedy; what
// is accepted, written out whole, is accepted again and says the same. Any octets as the names of the sockets that
// systemd hands over: each descriptor that is named is one of those.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "../../src/daemon/configuration.hpp"
#include "../../src/daemon/settings_table.hpp"
#include "../../src/daemon/supervisor.hpp"

using namespace mailpod;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_complaint(const governance::Complaint& complaint, std::string_view octets) {
  const std::size_t last = 1 + static_cast<std::size_t>(std::ranges::count(octets, '\n'));
  require(complaint.file == "mailpod.toml" && complaint.line <= last);
  require(!complaint.what.empty() && !complaint.remedy.empty());
  // One line on a terminal, whatever stands in the file.
  for (const char octet : complaint.text()) require(static_cast<unsigned char>(octet) >= 0x20);
}

void check(std::string_view octets) {
  const auto read = daemon::parse_configuration(octets, "mailpod.toml");
  if (!read.has_value()) return check_complaint(read.error(), octets);
  require(read->certificates.size() == read->keys.size() && !read->domain.empty());
  const std::string written = daemon::write_configuration(*read);
  if (written.size() > 256 * 1024) return;  // escapes make it longer than it may be
  const auto again = daemon::parse_configuration(written, "mailpod.toml");
  require(again.has_value() && daemon::write_configuration(*again) == written);
  for (const auto& setting : daemon::settings()) require(setting.get(*again) == setting.get(*read));
}

void check_sockets(std::string_view names, int count) {
  const auto sockets = daemon::sockets_named(names, count);
  require(sockets.size() <= static_cast<std::size_t>(count) && (count == 0 || !sockets.empty()));
  for (const auto& [name, descriptor] : sockets) {
    require(name.find(':') == std::string::npos && descriptor >= 3 && descriptor < 3 + count);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  check(octets);
  check_sockets(octets, size == 0 ? 0 : data[0] % 10);
  check("[pod]\ndomain = \"pod.lab\"\ncharter = \"" + std::string(64, 'a') + "\"\n" + octets);
  return 0;
}
