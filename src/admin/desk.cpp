#include <mailpod/admin/desk.hpp>

#include <algorithm>
#include <system_error>

#include "arguments.hpp"
#include "operation.hpp"

namespace mailpod::admin {
namespace {

json complaint(std::string file, std::size_t line, std::string what, std::string remedy) {
  return {{"complaint",
           {{"file", std::move(file)}, {"line", line}, {"what", std::move(what)}, {"remedy", std::move(remedy)}}}};
}

json answer(const Premises& premises, const json& request) {
  if (!request.is_object()) throw BadRequest("this is no object");
  const auto& name = text_argument(request, "operation");
  const auto rows = operations();
  const auto row = std::ranges::find(rows, name, &Operation::name);
  if (row == rows.end()) throw BadRequest("there is no operation of this name");
  const auto arguments = request.value("arguments", json::object());
  if (!arguments.is_object()) throw BadRequest("`arguments` is no object");
  auto given = row->run(premises, arguments);
  if (!given.refusal) return {{"answer", std::move(given.value)}};
  return complaint(given.refusal->file, given.refusal->line, given.refusal->what, given.refusal->remedy);
}

}  // namespace

json Desk::serve(json& request) {
  const std::lock_guard lock(one_at_a_time_);
  json reply;
  try {
    reply = answer(premises_, request);
  } catch (const BadRequest& bad) {
    reply = complaint("", 0, std::string("the request cannot be understood: ") + bad.what(),
                      "use the `mailpod` command of the daemon's own version");
  } catch (const std::system_error& failure) {
    reply = complaint("", 0, failure.what(), "mend what the machine reports (space, permissions), then try again");
  }
  wipe_secrets(request);
  return reply;
}

}  // namespace mailpod::admin
