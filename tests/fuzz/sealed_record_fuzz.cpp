#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "../../src/store/checkpoint.hpp"
#include "../../src/store/intent.hpp"
#include "../../src/store/log_records.hpp"
#include "../../src/store/sealed_record.hpp"

// Everything the store decodes behind a seal or a signature. What is understood is written again and means the same.
namespace {

using namespace mailpod::store;

template <class Record>
void round_trip(std::string_view octets) {
  const auto record = Record::decode(octets);
  if (!record) return;
  const std::string written = record->encode();
  const auto again = Record::decode(written);
  if (!again || again->encode() != written) std::abort();
}

void sealed_record(std::string_view octets) {
  const auto record = SealedRecord::decode(octets);
  if (!record) return;
  const std::string written = record->encode(nullptr);
  const auto again = SealedRecord::decode(written);
  if (!again || again->encode(nullptr) != written) std::abort();
}

void checkpoint(std::string_view octets) {
  Listing listing;
  Change change(listing);
  if (!read_checkpoint_part(octets, change)) return;
  change.publish();
  for (const auto& part : write_checkpoint(listing)) {
    Listing fresh;
    Change reading(fresh);
    read_checkpoint_part(part, reading);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 9) {
    case 0:
      sealed_record(octets);
      break;
    case 1:
      round_trip<AddRecord>(octets);
      break;
    case 2:
      round_trip<CopyRecord>(octets);
      break;
    case 3:
      round_trip<FlagsRecord>(octets);
      break;
    case 4:
      round_trip<ExpungeRecord>(octets);
      break;
    case 5:
      round_trip<MailboxRecord>(octets);
      break;
    case 6:
      round_trip<ObjectRecord>(octets);
      break;
    case 7:
      round_trip<Intent>(octets);
      break;
    default:
      checkpoint(octets);
      break;
  }
  return 0;
}
