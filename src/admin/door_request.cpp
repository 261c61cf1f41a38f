#include "door_request.hpp"

#include <mailpod/base/member_id.hpp>

#include "arguments.hpp"
#include "wire.hpp"

namespace mailpod::admin {
namespace {

const std::string* text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? &found->get_ref<const std::string&>() : nullptr;
}

bool says_who_asks(DoorRequest& request, const json& arguments) {
  if (arguments.contains("address") == arguments.contains("member")) return false;
  const auto* name = text_in(arguments, arguments.contains("address") ? "address" : "member");
  const auto* secret = text_in(arguments, "secret");
  if (name == nullptr || secret == nullptr || MemberId::parse(*name)) return false;
  request.name = *name;
  request.secret = *secret;
  return true;
}

/// Whose code somebody tries, so that guesses at a name are counted as such.
std::string whose_code(const json& arguments) {
  if (const auto* address = text_in(arguments, "address")) return *address;
  const auto enrolments = arguments.find("enrolments");
  const bool has_one = enrolments != arguments.end() && enrolments->is_array() && !enrolments->empty();
  if (!has_one || !enrolments->front().is_object()) return {};
  const auto* address = text_in(enrolments->front(), "address");
  return address == nullptr ? std::string() : *address;
}

}  // namespace

std::optional<DoorRequest> parse_door_request(std::string_view line) {
  DoorRequest request;
  request.request = parse_message(line);
  const auto* operation = request.request.is_object() ? text_in(request.request, "operation") : nullptr;
  const auto* row = operation == nullptr ? nullptr : find_operation(*operation);
  const auto arguments = row == nullptr ? request.request.end() : request.request.find("arguments");
  const bool is_for_members =
      row != nullptr && row->asked != Asked::by_admin && arguments != request.request.end() && arguments->is_object();
  const bool complete = is_for_members && (row->asked != Asked::by_member || says_who_asks(request, *arguments));
  if (!complete) {
    wipe_secrets(request.request);
    return std::nullopt;
  }
  if (row->asked == Asked::by_code) request.name = whose_code(*arguments);
  request.asked = row->asked;
  request.operation = row->name;
  return request;
}

}  // namespace mailpod::admin
