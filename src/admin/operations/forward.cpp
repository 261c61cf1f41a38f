#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../slot_news.hpp"

namespace mailpod::admin {
namespace {

using members::Forward;

json forward_json(const std::optional<Forward>& forward) {
  if (!forward) return {{"to", nullptr}};
  return {{"to", forward->to.str()}, {"copy", forward->copy == Forward::Copy::kept}};
}

SlotNews news_of(const std::optional<Forward>& forward) {
  if (!forward) return {"Your mail stays here", "What comes for you from now on is kept here, and goes on to nobody."};
  const std::string copy = forward->copy == Forward::Copy::kept ? "A copy stays here." : "No copy stays here.";
  return {"Your mail goes on", "What comes for you from now on goes on to\n" + forward->to.str() + "\n" + copy};
}

/// With one of the member's own secrets; there is no other way. They hear of it in any case, since the notice goes on
/// to nobody.
Answer change(const Premises& premises, const json& arguments, const std::optional<Forward>& forward) {
  const auto& address = text_argument(arguments, "address");
  const auto done = premises.key_ring.set_forward(address, secret_argument(arguments), forward);
  if (!done.has_value()) return complaint_for(done.error(), address);
  tell(premises, address, news_of(forward));
  return forward_json(forward);
}

}  // namespace

Answer forward_set(const Premises& premises, const json& arguments) {
  const auto& to = text_argument(arguments, "to");
  const auto address = members::Address::parse(to);
  if (!address.has_value()) return complaint_for(address.error(), to);
  const auto copy = flag_argument(arguments, "copy") ? Forward::Copy::kept : Forward::Copy::none;
  return change(premises, arguments, Forward{*address, copy});
}

Answer forward_clear(const Premises& premises, const json& arguments) {
  return change(premises, arguments, std::nullopt);
}

Answer forward_show(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto forward = premises.key_ring.forward(address, secret_argument(arguments));
  if (!forward.has_value()) return complaint_for(forward.error(), address);
  return forward_json(*forward);
}

}  // namespace mailpod::admin
