// Whether bytes are well-formed UTF-8 (Unicode, table 3-7): no overlong forms, no surrogates,
// nothing above U+10FFFF.
#ifndef EDGEBIN_FILE_UTF8_H_
#define EDGEBIN_FILE_UTF8_H_

#include <string_view>

namespace edgebin {

bool is_utf8(std::string_view text);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_UTF8_H_
