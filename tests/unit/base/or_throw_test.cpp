#include <mailpod/base/or_throw.hpp>

#include <memory>

#include <gtest/gtest.h>

namespace mailpod {
namespace {

const boost::system::error_code full = make_error_code(boost::system::errc::no_space_on_device);

TEST(OrThrow, GivesWhatThereIs) {
  EXPECT_EQ(*or_throw(Result<std::unique_ptr<int>>(std::make_unique<int>(7))), 7);
  or_throw(Status());
}

TEST(OrThrow, ThrowsWhatFailuresOfTheMachineAreCaughtAs) {
  EXPECT_THROW(or_throw(Result<int>(full)), std::system_error);
  try {
    or_throw(Status(full));
    FAIL();
  } catch (const std::system_error& failure) {
    EXPECT_EQ(failure.code(), std::errc::no_space_on_device);
  }
}

}  // namespace
}  // namespace mailpod
