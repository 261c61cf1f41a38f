#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <mailpod/delivery/strangers.hpp>

// A line of strangers.lists: what is read is read again as it is written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailpod::delivery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = parse_block_list(text);
  if (!list) return 0;
  if (parse_block_list(write_block_list(*list)) != list) std::abort();
  block_list_name(list->zone, text);
  return 0;
}
