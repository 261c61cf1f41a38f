// Any octets as an mbox file: reading ends, goes forward, and what was read is read again the same once it is written.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <mailpod/transfer/mbox.hpp>

using namespace mailpod;
using namespace mailpod::transfer;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Read {
  MboxMessage message;
  std::string octets;
};

std::vector<Read> read_all(std::string_view file) {
  const base::MemorySource source(file);
  std::vector<Read> all;
  for (std::uint64_t at = 0;;) {
    std::string octets;
    auto message = read_mbox_message(source, at, [&](std::string_view piece) { octets.append(piece); });
    if (!message) return all;
    require(message->next > at && message->next <= file.size());
    at = message->next;
    all.push_back({std::move(*message), std::move(octets)});
  }
}

std::string written(const Read& read, std::size_t step) {
  std::string out = write_from_line(read.message.label.date) + write_status_fields(read.message.label.flags);
  MboxLines lines;
  for (std::size_t at = 0; at < read.octets.size(); at += step)
    lines.convert(std::string_view(read.octets).substr(at, step), out);
  lines.finish(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 32;
  const std::string file(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto all = read_all(file);
  std::string again;
  for (const auto& one : all) again += written(one, step);
  const auto second = read_all(again);
  require(second.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    require(second[i].message.label.date == all[i].message.label.date);
    // What holds a line end of another kind, or none at its end, changes: then the written form is the fixed one.
    LinesToLf lines;
    std::string lf;
    lines.convert(all[i].octets, lf);
    lines.finish(lf);
    const bool exact = lines.reversible() && all[i].octets.ends_with("\r\n") && all[i].octets.size() < 4096;
    const bool has_body = all[i].octets.find("\r\n\r\n") != std::string::npos || all[i].octets.starts_with("\r\n");
    if (exact && has_body) require(second[i].octets == all[i].octets);
  }
  return 0;
}
