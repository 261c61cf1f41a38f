#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <mailpod/queue/entry.hpp>
#include <mailpod/queue/policies.hpp>
#include <mailpod/queue/suppressions.hpp>

#include "../../src/queue/destination.hpp"
#include "../../src/queue/numeric_address.hpp"
#include "../../src/queue/report.hpp"
#include "../../src/queue/sealed_entry.hpp"
#include "../unit/queue/report_shape.hpp"

using namespace mailpod;

namespace {

/// As good as random: no input holds the one that is made for it.
std::string boundary_for(std::string_view octets) {
  return "=_" + std::to_string(std::hash<std::string_view>()(octets));
}

/// Whatever others have said, a report keeps its form.
void expect_sound_report(const queue::Entry& entry, std::string_view message) {
  queue::News news;
  std::size_t told = 0;
  for (std::size_t i = 0; i < entry.recipients.size() && i < 50; ++i) {
    const bool pending = entry.recipients[i].state == queue::RecipientState::pending;
    (pending ? news.delayed : news.ended(entry.recipients[i])).push_back(i);
    ++told;
  }
  const queue::Reporter reporter{"pod.example", base::from_seconds(1'767'312'000), base::from_seconds(1'767'657'600),
                                 boundary_for(message)};
  const queue::Returned returned = queue::read_returned(entry, news, base::MemorySource(message), 4096);
  const std::string report = queue::write_report(entry, news, returned, reporter);
  if (const std::string fault = queue::fault_in(report, reporter.boundary, told); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
}

void expect_sound_report(std::string_view octets) {
  for (int where = 0; where < 6; ++where) {
    queue::Entry entry;
    entry.recipients.resize(1);
    queue::Recipient& recipient = entry.recipients[0];
    recipient.state = queue::RecipientState::failed;
    (where == 0   ? recipient.last_reply
     : where == 1 ? recipient.last_host
     : where == 2 ? recipient.address
     : where == 3 ? recipient.original_recipient
     : where == 4 ? entry.envelope_id
                  : entry.reverse_path) = octets;
    expect_sound_report(entry, octets);
  }
}

void expect_sound_policies(std::string_view octets) {
  const auto list = queue::decode_policies(octets);
  if (!list) return;
  const std::string encoded = queue::encode(*list);
  const auto again = queue::decode_policies(encoded);
  if (!again || !(*again == *list) || queue::encode(*again) != encoded) std::abort();
}

void expect_sound_suppressions(std::string_view octets) {
  if (const auto list = queue::decode_suppressions(octets)) {
    const std::string encoded = queue::encode(*list);
    const auto again = queue::decode_suppressions(encoded);
    if (!again || !(*again == *list) || queue::encode(*again) != encoded) std::abort();
  }
  const auto what = queue::parse_suppressed(octets);
  if (!what) return;
  // Whoever it names it covers, and its form is its own.
  const std::string address = what->find('@') == std::string::npos ? "anybody@" + *what : *what;
  if (queue::parse_suppressed(*what) != what || !queue::covers(*what, address)) std::abort();
}

}  // namespace

/// The queue's entry and its list of what is suppressed, sealed and plain, and the reports that come of an entry. What
/// decodes is encoded to something that decodes to the same; what nobody sealed does not open.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto entry = queue::decode(octets)) {
    const std::string encoded = queue::encode(*entry);
    const auto again = queue::decode(encoded);
    if (!again || !(*again == *entry) || queue::encode(*again) != encoded) std::abort();
    expect_sound_report(*entry, octets);
  }
  static crypto::KeyArena arena;
  static const crypto::Key key = crypto::Key::copy_of(arena, std::string(32, 'k'));
  (void)queue::parse_head(octets);
  if (queue::parse_entry_file(octets, key) || queue::parse_epoch_file(octets, 20454, key)) std::abort();
  if (queue::parse_suppressed_file(octets, key)) std::abort();

  if (queue::parse_policies_file(octets, key)) std::abort();
  expect_sound_policies(octets);
  expect_sound_suppressions(octets);
  expect_sound_report(octets);
  (void)queue::parse_pinned_route(octets);
  if (const auto address = queue::parse_address_literal(octets)) {
    if (!queue::parse_numeric_address(address->text)) std::abort();
  }
  return 0;
}
