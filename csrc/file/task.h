// The last part of the header since version 3, the task of FORMAT.md. That outputs suit it is
// checked where their types are known.
#ifndef EDGEBIN_FILE_TASK_H_
#define EDGEBIN_FILE_TASK_H_

#include "file/cursor.h"
#include "graph/network.h"

namespace edgebin {

// Throws Error(kModelFile).
Task read_task(Cursor& cursor);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_TASK_H_
