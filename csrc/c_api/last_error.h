// The last error of each thread, and the conversion of exceptions to a status: no exception crosses
// into C.
#ifndef EDGEBIN_C_API_LAST_ERROR_H_
#define EDGEBIN_C_API_LAST_ERROR_H_

#include <exception>
#include <new>
#include <string_view>

#include "base/error.h"
#include "edgebin/edgebin.h"

namespace edgebin {

// Valid until the calling thread's next fail(); "" before the first.
const char* last_error() noexcept;

// The code of the rule of FORMAT.md that the file broke; "" for other errors.
const char* last_error_code() noexcept;

// Stores the text for the calling thread as one line, shortened if it is long, and returns the
// status. Allocates nothing, because the error may be a lack of memory. `code` is in static
// storage.
edgebin_status fail(edgebin_status status, const char* text, std::string_view code = "") noexcept;

edgebin_status status_of(ErrorKind kind) noexcept;

// Calls body() and converts an exception to a status.
template <class Body>
edgebin_status guarded(const Body& body) noexcept {
  try {
    body();
    return EDGEBIN_OK;
  } catch (const Error& error) {
    return fail(status_of(error.kind()), error.what(), error.code());
  } catch (const std::bad_alloc&) {
    return fail(EDGEBIN_ERROR_MEMORY, "there is not enough memory");
  } catch (const std::exception& error) {
    return fail(EDGEBIN_ERROR_INTERNAL, error.what());
  } catch (...) {
    return fail(EDGEBIN_ERROR_INTERNAL, "unknown exception");
  }
}

}  // namespace edgebin

#endif  // EDGEBIN_C_API_LAST_ERROR_H_
