// Any line at the members' door: whatever is taken for a request asks for what members may ask for, and says who asks.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "../../src/admin/door_request.hpp"

using namespace mailpod;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = admin::parse_door_request({reinterpret_cast<const char*>(data), size});
  if (!request) return 0;
  require(request->asked != admin::Asked::by_admin);
  require(admin::find_operation(request->operation) != nullptr);
  const auto& arguments = request->request.at("arguments");
  require(arguments.is_object());
  if (request->asked != admin::Asked::by_member) return 0;
  require(arguments.contains("address") != arguments.contains("member"));
  require(arguments.at("secret") == request->secret);
  return 0;
}
