#include "segment.hpp"
#include "segment_reader.hpp"
#include "walk.hpp"

namespace mailpod::journal {
namespace {

class Nobody final : public Replay {
public:
  void begin() override {}
  bool checkpoint(std::string_view) override { return true; }
  void record(const Record&) override {}
};

}  // namespace

bool Journal::opens_under(base::Disk& disk, const Identity& identity, const crypto::Key& key) {
  for (const auto number : list_segments(disk, identity.folder).numbers) {
    const auto file = disk.open(base::join(identity.folder, segment_name(number)), base::Disk::Open::read);
    std::string octets(header_size, '\0');
    octets.resize(file->read_at(0, octets));
    if (open_header({key, identity.owner, number}, octets).header) return true;
  }
  return false;
}

std::vector<Finding> Journal::inspect(const Ports& ports, const Identity& identity, const crypto::Key& key,
                                      const Settings& settings) {
  std::vector<Finding> findings;
  Nobody nobody;
  Walk walk(nobody, findings);
  std::uint64_t budget = settings.search_budget;
  const auto numbers = list_segments(ports.disk, identity.folder).numbers;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto file = ports.disk.open(base::join(identity.folder, segment_name(numbers[i])), base::Disk::Open::read);
    const Binding binding{key, identity.owner, numbers[i]};
    std::string octets(header_size, '\0');
    octets.resize(file->read_at(0, octets));
    const auto header = open_header(binding, octets).header;
    if (!header) findings.push_back({Finding::Kind::bad_header, numbers[i], 0, header_size});
    // What was before a chain began may be gone in part: it could not all be removed yet.
    const bool begins = header && header->begins_chain;
    if (i > 0 && !begins && numbers[i] != numbers[i - 1] + 1) {
      findings.push_back({Finding::Kind::missing_segment, numbers[i - 1] + 1, 0, 0});
    }
    if (header && i == 0 && !header->begins_chain) {
      findings.push_back({Finding::Kind::missing_segment, numbers[i] - 1, 0, 0});
    }
    if (header && (i == 0 || header->begins_chain)) walk.start(header->first_sequence - 1, std::nullopt);
    SegmentReader reader(*file, binding, budget);
    if (i + 1 < numbers.size()) {
      walk.inner_segment(reader, numbers[i], header_size);
    } else {
      walk.last_segment(reader, numbers[i], header_size);
    }
  }
  return findings;
}

}  // namespace mailpod::journal
