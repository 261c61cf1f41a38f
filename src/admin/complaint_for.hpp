#pragma once

#include <boost/system/error_code.hpp>

#include <mailpod/governance/error.hpp>

namespace mailpod::admin {

/// A refusal of members, governance, queue or mailauth, with what a person can do about it. `subject` is what was asked about: an
/// address, a slot, an entry.
governance::Complaint complaint_for(const boost::system::error_code& error, std::string subject);

}  // namespace mailpod::admin
