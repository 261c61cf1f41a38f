#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../slot_news.hpp"

/// How a member wants mail met that the pod would take: stricter than the pod, never milder.
namespace mailpod::admin {
namespace {

using members::Caution;

json caution_json(Caution caution) {
  return {{"caution", caution == Caution::none ? "none" : "unproved"}};
}

/// With one of the member's own secrets; there is no other way.
Answer change(const Premises& premises, const json& arguments, Caution caution) {
  const auto& address = text_argument(arguments, "address");
  const auto done = premises.key_ring.set_caution(address, secret_argument(arguments), caution);
  if (!done.has_value()) return complaint_for(done.error(), address);
  tell(premises, address,
       caution == Caution::none
           ? SlotNews{"Your mail is met as everybody's", "From now on your mail goes where the pod's rules put it."}
           : SlotNews{"What proves nothing goes into Junk",
                      "Mail that does not show that it comes from the domain in From\nlies in your Junk from now on."});
  return caution_json(caution);
}

}  // namespace

Answer caution_set(const Premises& premises, const json& arguments) {
  return change(premises, arguments, Caution::unproved);
}

Answer caution_clear(const Premises& premises, const json& arguments) {
  return change(premises, arguments, Caution::none);
}

Answer caution_show(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto caution = premises.key_ring.caution(address, secret_argument(arguments));
  if (!caution.has_value()) return complaint_for(caution.error(), address);
  return caution_json(*caution);
}

}  // namespace mailpod::admin
