#include "parameters.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

namespace mailpod::smtp {

using text::Cursor;
using text::OctetSet;
using text::Parsed;

namespace {

constexpr OctetSet keyword_text = text::octets::alnum | OctetSet("-");
constexpr OctetSet value_text = (text::octets::vchar | text::octets::beyond_ascii) - OctetSet("=");

Parsed<Parameter> parse_parameter(Cursor& in) {
  if (!in.next_is(text::octets::alnum)) return in.error("a parameter");
  Parameter parameter{text::upper(in.take_while(keyword_text)), "", false};
  if (in.take('=')) {
    parameter.value = in.take_while(value_text);
    parameter.has_value = true;
    if (parameter.value.empty()) return in.error("a parameter's value");
  }
  return parameter;
}

}  // namespace

Parsed<std::vector<Parameter>> parse_parameters(Cursor& in) {
  std::vector<Parameter> parameters;
  while (in.take_space()) {
    in.skip_wsp();
    if (in.at_end()) break;
    auto parameter = parse_parameter(in);
    if (!parameter) return parameter.error();
    const bool repeated =
        std::ranges::any_of(parameters, [&](const Parameter& other) { return other.keyword == parameter->keyword; });
    if (repeated) return in.error("each parameter once");
    if (parameters.size() == most_parameters) return in.error("at most 16 parameters");
    parameters.push_back(std::move(*parameter));
  }
  if (!in.at_end()) return in.error("SP or the end of the line");
  return parameters;
}

}  // namespace mailpod::smtp
