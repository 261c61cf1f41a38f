#include "chunk_reader.hpp"

#include <algorithm>

namespace mailpod::smtp {

namespace {

bool ends_a_run(char octet) {
  return octet == '\r' || octet == '\n' || octet == '\0';
}

}  // namespace

void ChunkReader::take(std::string_view octets, std::string& out) {
  while (!octets.empty() && fault_ == Fault::none) {
    const auto* const end = std::ranges::find_if(octets, ends_a_run);
    const auto run = static_cast<std::size_t>(end - octets.begin());
    if (run > 0 && !after_cr_) {
      out.append(octets.substr(0, run));
      in_line_ = true;
      octets.remove_prefix(run);
    } else {
      step(octets.front(), out);
      octets.remove_prefix(1);
    }
  }
}

void ChunkReader::step(char octet, std::string& out) {
  if (octet == '\0') return fail(Fault::nul);
  if (octet == '\n') {
    if (!after_cr_) return fail(Fault::bare_lf);
    out.append("\r\n");
    after_cr_ = in_line_ = false;
    return;
  }
  // Whatever follows a CR and is no LF.
  if (after_cr_) return fail(Fault::bare_cr);
  after_cr_ = true;
}

void ChunkReader::finish(std::string& out) {
  if (fault_ != Fault::none) return;
  if (after_cr_) return fail(Fault::bare_cr);
  if (in_line_) out.append("\r\n");
  in_line_ = false;
}

void ChunkReader::fail(Fault fault) {
  fault_ = fault;
}

}  // namespace mailpod::smtp
