#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/reports/summary.hpp>

using namespace mailpod::reports;

/// Any octets as a report, alone, packed and in a message: readers end, and what is kept is within its limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  ReportMailLimits limits;
  limits.archive.octets = 256 * 1024;
  Summary summary;
  if (const auto plain = unpacked(octets, limits.archive); plain && plain->size() > limits.archive.octets) std::abort();
  if (const auto report = parse_report(octets, limits)) summary.add(*report);
  if (const auto dmarc = parse_dmarc_report(octets)) {
    for (const auto& row : dmarc->rows) {
      if (row.source_address.size() > 1'000) std::abort();
    }
  }
  (void)parse_tls_report(octets);
  (void)parse_feedback_report(octets);
  if (const auto all = reports_in(octets, limits)) {
    if (all->empty() || all->size() > limits.parts) std::abort();
    for (const auto& report : *all) summary.add(report);
  }
  return 0;
}
