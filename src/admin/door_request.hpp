#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "operation.hpp"

namespace mailpod::admin {

/// A request as the members' door understands it, before anybody has proved anything.
struct DoorRequest {
  json request;  ///< as Desk::serve_member takes it
  Asked asked = Asked::by_member;
  std::string operation;
  /// by_member: who says that they ask. Never a member id, which is nobody's name. by_code: whose code it is said to
  /// be; empty where the request does not say it.
  std::string name;
  std::string secret;  ///< by_member: what they say so by. The caller wipes it
};

/// One line of at most Settings::request octets. Nothing if it is no request, asks for what members may not ask for, or
/// does not say by whom: all of these read the same. A by_member request names its member once, as `address` or as
/// `member`, so that the operation cannot see anybody but who was proved. Pure; whoever the line belongs to wipes it.
std::optional<DoorRequest> parse_door_request(std::string_view line);

}  // namespace mailpod::admin
